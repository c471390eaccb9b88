import type { WAMessage } from '../../core/index.ts';
import { type SandboxOptions, startSandbox } from '../../plugins/sandbox/sandbox.ts';
import { deployment, temporaryFolder } from '../support/deployment.ts';
import { ProcessWorld } from '../support/process-world.ts';
import type { Surroundings } from '../support/world.ts';
import { type Mood, MoodyConsumer } from './moody-consumer.ts';

export interface TortureOptions {
  readonly messages: number;
  readonly kills: number;
  /** Seeds everything that is random here. */
  readonly seed?: number;
  /** The world of the sandbox: how people are addressed, and whether it answers about them. */
  readonly world?: Pick<SandboxOptions, 'addressing' | 'userSync'>;
  log?(line: string): void;
}

/** What came of it. Empty lists are what one wants. */
export interface TortureReport {
  readonly sent: number;
  readonly kills: number;
  /** How WhatsApp counts the messages as delivered. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Messages that WhatsApp counts as delivered and that the consumer never got. */
  readonly lost: readonly string[];
  /** Messages that came under two event ids. */
  readonly doubled: readonly string[];
  /** Events that came again with other bytes. */
  readonly changed: readonly string[];
  /** Numbers that two events of a session have. */
  readonly sharedSeqs: readonly number[];
  /** Numbers between the first and the last that no event has. */
  readonly missingSeqs: readonly number[];
  /**
   * Messages that stand, sorted by `seq`, before one that the same contact sent earlier. Baileys hands them out like that:
   * at a reconnect it handles what waited beside what is new.
   */
  readonly overtaking: number;
  readonly events: number;
  /** Deliveries that came again after they had been taken. */
  readonly repeats: number;
  readonly requests: number;
  readonly seconds: number;
}

const phone = '4915200009001';
const contacts = ['4915200009101', '4915200009102', '4915200009103'];

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
const randomOf = (seed: number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Sends messages while the process is killed again and again and its consumer is unwell a third of the time. */
export const torture = async (options: TortureOptions): Promise<TortureReport> => {
  const { messages, kills, seed = 1, log = () => undefined } = options;
  const random = randomOf(seed);
  const began = performance.now();
  const consumer = await MoodyConsumer.start();
  const outside = await surroundings(consumer, options.world);
  const world = await ProcessWorld.startIn(outside);
  try {
    await link(world);
    const stopMoods = moods(consumer, random);
    const sent: string[][] = contacts.map(() => []);
    const sending = send(outside, options, sent, random);
    let over = false;
    void sending.then(() => {
      over = true;
    });
    let killed = 0;
    while (killed < kills) {
      await killMoment(world, consumer, random, (2 * messages) / kills);
      await world.kill();
      killed += 1;
      if (killed % 10 === 0)
        log(`${killed} kills, ${consumer.messages.size} messages came, sending ${over ? 'is over' : 'goes on'}`);
      await world.boot();
    }
    await sending;
    stopMoods();
    await consumer.be('well');
    log('all is sent; waiting for the rest');
    await untilStill(() => answered(outside), messages);
    await untilStill(() => consumer.messages.size, messages);
    // What failed last is tried again once a second, one after the other.
    await untilStill(() => -missing(seqsOf(consumer)).length, 0);
    // What is on its way for the second time.
    await pause(1_000);
    return report(outside, consumer, sent, { kills, seconds: (performance.now() - began) / 1000 });
  } finally {
    await world.close();
  }
};

const surroundings = async (consumer: MoodyConsumer, world: TortureOptions['world'] = {}): Promise<Surroundings> => {
  const sandbox = await startSandbox({ receiptDelayMs: 120, ...world });
  // An event must not depend on the time that WhatsApp stamps on what it sends again.
  sandbox.faults.set({ kind: 'new-time' });
  const { path, remove } = temporaryFolder();
  const timings = { backoffBase: 50, backoffSlow: 50, backoffCap: 200 };
  const base = deployment(path, { whatsApp: sandbox.endpoint.url, webhook: consumer.url, timings });
  const patient = {
    timeoutSeconds: 1,
    retries: { policy: 'constant', delaySeconds: 0.3, attempts: 1000 },
    order: 'none',
  };
  const plugins = base.plugins.map((plugin) =>
    plugin.use === 'webhook' ? { ...plugin, config: { ...plugin.config, ...patient } } : plugin,
  );
  const close = async () => {
    await Promise.all([sandbox.close(), consumer.close()]);
    remove();
  };
  return { sandbox, folder: path, yaml: { ...base, plugins } as typeof base, hooks: null as never, close };
};

const link = async ({ api, outside: { sandbox } }: ProcessWorld): Promise<void> => {
  await api.post('/api/sessions', { name: 'default' });
  const { body } = await api.get('/api/default/auth/qr?format=raw');
  const online = sandbox.next('online', undefined, 30_000);
  await sandbox.phone(phone).scan(body.value);
  await online;
};

/** A third of the time something is wrong with the consumer. */
const moods = (consumer: MoodyConsumer, random: () => number): (() => void) => {
  const bad: readonly Mood[] = ['errors', 'hangs', 'away'];
  let over = false;
  const run = async () => {
    while (!over) {
      await pause(400 + random() * 1_600);
      if (over) return;
      await consumer.be(bad[Math.floor(random() * bad.length)] ?? 'errors');
      await pause(200 + random() * 800);
      await consumer.be('well');
    }
  };
  const running = run();
  return () => {
    over = true;
    void running;
  };
};

/** Spread over the kills: what is sent while the process is down waits at WhatsApp. */
const send = async (
  { sandbox }: Surroundings,
  { messages, kills }: TortureOptions,
  sent: string[][],
  random: () => number,
): Promise<void> => {
  const gap = (kills * 60_000) / messages;
  for (let index = 0; index < messages; index += 1) {
    const who = index % contacts.length;
    const { id } = await sandbox.contact(contacts[who] ?? '').send(phone, `message ${index}`);
    sent[who]?.push(id);
    if (index % 10 === 9) await pause(random() * gap);
  }
};

/** Any moment, or a bad one: just when WhatsApp got a receipt, when it hands something over, when the consumer is asked. */
const killMoment = async (
  { outside: { sandbox } }: ProcessWorld,
  consumer: MoodyConsumer,
  random: () => number,
  mostSkipped: number,
): Promise<unknown> => {
  const kind = Math.floor(random() * 4);
  const limit = pause(500 + random() * 3_500);
  if (kind === 0) return limit;
  for (let skip = Math.floor(random() * mostSkipped); skip >= 0; skip -= 1) {
    const reached = new Promise<string>((resolve) => {
      consumer.onRequest = () => kind === 3 && resolve('asked');
      if (kind === 3) return;
      sandbox.next(kind === 1 ? 'settled' : 'handed-over', undefined, 5_000).then(
        () => resolve('there'),
        () => resolve('late'),
      );
    });
    if ((await Promise.race([reached, limit.then(() => 'late')])) === 'late') return undefined;
  }
};

/** How many messages WhatsApp has an answer for. */
const answered = ({ sandbox }: Surroundings): number =>
  sandbox.deliveries(phone).filter(({ from, settledAt }) => from !== phone && settledAt !== undefined).length;

/** How long nothing may happen before one gives up (ms). */
const patience = 30_000;

/** Resolves when the count is reached, or does not grow any more. */
const untilStill = async (count: () => number, wanted: number): Promise<void> => {
  let [best, since] = [count(), performance.now()];
  while (best < wanted && performance.now() - since < patience) {
    await pause(100);
    const now = count();
    if (now > best) [best, since] = [now, performance.now()];
  }
};

const report = (
  { sandbox }: Surroundings,
  consumer: MoodyConsumer,
  sent: readonly string[][],
  about: { readonly kills: number; readonly seconds: number },
): TortureReport => {
  const seen = [...consumer.events.values()];
  const messages = seen.filter(({ event }) => event.event === 'message');
  const outcomes: Record<string, number> = {};
  const own = new Set(sent.flat());
  const delivered = sandbox.deliveries(phone).filter(({ id, settledAt }) => own.has(id) && settledAt !== undefined);
  for (const { outcome = 'none' } of delivered) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  const keyOf = (event: { readonly payload: unknown }) => (event.payload as WAMessage).id.split('_')[2] ?? '';
  const order = [...messages].sort((a, b) => (a.event.seq ?? 0) - (b.event.seq ?? 0)).map(({ event }) => keyOf(event));
  const place = new Map(order.map((id, index) => [id, index]));
  return {
    ...about,
    sent: sent.flat().length,
    outcomes,
    lost: delivered.map(({ id }) => id).filter((id) => !consumer.messages.has(id)),
    doubled: repeated(messages.map(({ event }) => keyOf(event))),
    changed: seen.filter(({ changed }) => changed > 0).map(({ event }) => event.id),
    sharedSeqs: repeated(seqsOf(consumer)),
    missingSeqs: missing(seqsOf(consumer)),
    overtaking: sent.flatMap((ids) =>
      ids.filter((id, index) => index > 0 && (place.get(id) ?? 0) < (place.get(ids[index - 1] ?? '') ?? 0)),
    ).length,
    events: seen.length,
    repeats: seen.reduce((sum, { taken }) => sum + taken - 1, 0),
    requests: consumer.requests,
  };
};

const seqsOf = (consumer: MoodyConsumer): number[] => [...consumer.events.values()].map(({ event }) => event.seq ?? 0);

const missing = (seqs: readonly number[]): number[] => {
  const known = new Set(seqs);
  const last = Math.max(...seqs);
  return Array.from({ length: last }, (_, index) => index + 1).filter((seq) => !known.has(seq));
};

const repeated = <T>(list: readonly T[]): T[] => [...new Set(list.filter((item, index) => list.indexOf(item) < index))];
