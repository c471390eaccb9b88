import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { RuntimeEvent, WAMessage } from '../../core/index.ts';
import { ClusterWorld } from './cluster-world.ts';
import { type FaultKind, Faults } from './faults.ts';

export interface ClusterTortureOptions {
  readonly messages: number;
  readonly faults: number;
  readonly sessions: number;
  /** How long a process stands still at most (ms). */
  readonly longestStop: number;
  /** Seeds everything that is random here. */
  readonly seed?: number;
  readonly kinds?: readonly FaultKind[];
  log?(line: string): void;
}

/** What came of it. Empty lists and zeros are what one wants. */
export interface ClusterTortureReport {
  readonly sent: number;
  readonly answered: number;
  readonly faults: Readonly<Record<string, number>>;
  /** Messages that WhatsApp counts as delivered and of which nobody was told: a receipt without an event. */
  readonly lost: readonly string[];
  /** Messages that came under two event ids. */
  readonly doubled: readonly string[];
  /** Messages of ours that their receiver could not decrypt: a ratchet key that was used twice. */
  readonly undecryptable: readonly string[];
  /** Answers that the receiver never got, or got twice. */
  readonly unanswered: readonly string[];
  /** Devices that were connected a second time while the first connection was open, and its process ran. */
  readonly twoSockets: readonly string[];
  /** Numbers of sessions' events of which nobody was told. */
  readonly missingSeqs: readonly string[];
  /** Cursors of the log that no event has. */
  readonly missingCursors: number;
  /** Sessions that do not work at the end. */
  readonly notWorking: readonly string[];
  readonly repeats: number;
  readonly seconds: number;
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export const randomOf = (seed: number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

const contact = '5511977776666';
const nameOf = (index: number): string => `s${index}`;
const phoneOf = (index: number): string => `49152000${String(index).padStart(4, '0')}`;
/** How long nothing may happen before one gives up (ms). */
const patience = 60_000;

/** Messages come and go while the three processes of a cluster are killed, stopped and cut off again and again. */
export const tortureCluster = async (options: ClusterTortureOptions): Promise<ClusterTortureReport> => {
  const world = await ClusterWorld.start(3);
  try {
    return await torture(world, options);
  } finally {
    await world.close();
  }
};

/** The same in a cluster that is there already. */
export const torture = async (world: ClusterWorld, options: ClusterTortureOptions): Promise<ClusterTortureReport> => {
  const began = performance.now();
  const run = new Run(world, options);
  await run.link();
  await run.suffer();
  await run.settle();
  return { ...(await run.report()), seconds: Math.round((performance.now() - began) / 1000) };
};

class Run {
  readonly world: ClusterWorld;
  readonly #options: ClusterTortureOptions;
  readonly #random: () => number;
  readonly #faults: Faults;
  /** Ids of what was sent to each session. */
  readonly #sent: string[][];
  /** Texts that were sent from our sessions, and accepted. */
  readonly #answers: string[] = [];
  readonly #undecryptable: string[] = [];
  readonly #twoSockets: string[] = [];
  #isOver = false;

  constructor(world: ClusterWorld, options: ClusterTortureOptions) {
    this.world = world;
    this.#options = options;
    this.#random = randomOf(options.seed ?? 1);
    this.#faults = new Faults(world, this.#random, options);
    this.#sent = Array.from({ length: options.sessions }, () => []);
    const { sandbox } = world.outside;
    world.trace();
    sandbox.on('retry-asked', ({ id, to, why }) => {
      this.#undecryptable.push(`${id} of ${to}: ${why}`);
      this.#say(`${to} could not be decrypted: ${why}`);
    });
    sandbox.on('replaced', ({ phone }) => {
      if (!this.#faults.isSomebodyStill) this.#twoSockets.push(phone);
    });
  }

  async link(): Promise<void> {
    const { sandbox, hooks } = this.world.outside;
    for (let index = 0; index < this.#options.sessions; index++) {
      const { api } = this.#anyOf(index);
      await api.post('/api/sessions', { name: nameOf(index) });
      const { body } = await this.world.until(
        () => api.get(`/api/${nameOf(index)}/auth/qr?format=raw`),
        ({ status }) => status === 200,
      );
      await sandbox.phone(phoneOf(index)).scan(body.value);
      await hooks.status(nameOf(index), 'WORKING');
    }
    this.#say(`${this.#options.sessions} sessions are linked`);
  }

  /** Sends while one fault follows the other. */
  async suffer(): Promise<void> {
    const sending = this.#send();
    for (let count = 1; count <= this.#options.faults; count++) {
      await pause(300 + this.#random() * 2_000);
      const kind = await this.#faults.next();
      this.#say(`${count}: ${kind}; ${this.#told().length} messages were told`);
    }
    this.#isOver = true;
    await sending;
  }

  /** Waits until everything has come that comes, and every session works. */
  async settle(): Promise<void> {
    await this.#faults.end();
    const { sessions } = this.#options;
    await this.#untilStill(() => this.#settled().length, this.#sent.flat().length);
    await this.#untilStill(() => new Set(this.#told().map(keyOf)).size, this.#sent.flat().length);
    await this.#untilStill(async () => sessions - (await this.#notWorking()).length, sessions);
    await this.#untilStill(() => -this.#missingSeqs().length, 0);
    await pause(1_000);
  }

  async report(): Promise<Omit<ClusterTortureReport, 'seconds'>> {
    const own = new Set(this.#sent.flat());
    const told = this.#told();
    const ids = new Set(told.map(keyOf));
    const inbox = this.world.outside.sandbox.contact(contact).inbox.map(({ text }) => text ?? '');
    return {
      sent: own.size,
      answered: this.#answers.length,
      faults: this.#faults.counts,
      lost: this.#settled().filter((id) => !ids.has(id)),
      doubled: repeated(told.map(keyOf)),
      undecryptable: this.#undecryptable,
      unanswered: this.#answers.flatMap((text) => {
        const times = inbox.filter((other) => other === text).length;
        return times === 1 ? [] : [`${text}: ${times} times`];
      }),
      twoSockets: this.#twoSockets,
      missingSeqs: this.#missingSeqs(),
      missingCursors: await this.#missingCursors(),
      notWorking: await this.#notWorking(),
      repeats: this.world.outside.hooks.all.filter(({ again }) => again).length,
    };
  }

  /** Spread over the faults; what is sent while a process is down waits at WhatsApp. */
  async #send(): Promise<void> {
    const { messages, sessions, faults } = this.#options;
    const gap = (faults * 5_000) / messages;
    for (let count = 0; count < messages; count++) {
      const index = count % sessions;
      const { id } = await this.world.outside.sandbox.contact(contact).send(phoneOf(index), `message ${count}`);
      this.#sent[index]?.push(id);
      if (count % 10 === 5) void this.#answer(index, `answer ${count}`);
      if (!this.#isOver) await pause(this.#random() * 2 * gap);
    }
  }

  /** Through any process; a request whose outcome nobody knows is not counted. */
  async #answer(index: number, text: string): Promise<void> {
    const request = { session: nameOf(index), chatId: `${contact}@c.us`, text };
    for (let tries = 0; tries < 100; tries++) {
      const process = this.#anyOf(Math.floor(this.#random() * 100));
      const headers = { 'idempotency-key': text.replace(' ', '-') };
      const status = await process.api.call('POST', '/api/sendText', JSON.stringify(request), headers).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status === 201) return void this.#answers.push(text);
      if (status === 0) return;
      await pause(500);
    }
  }

  #anyOf(index: number) {
    const { processes } = this.world;
    return processes[index % processes.length] ?? this.world.any;
  }

  /** Messages that WhatsApp has a receipt for. */
  #settled(): string[] {
    const { sandbox } = this.world.outside;
    return this.#sent.flatMap((ids, index) => {
      const own = new Set(ids);
      const deliveries = sandbox.deliveries(phoneOf(index));
      return deliveries.flatMap(({ id, settledAt }) => (own.has(id) && settledAt !== undefined ? [id] : []));
    });
  }

  /** Each event of a message that came in, once. */
  #told(): RuntimeEvent[] {
    const all = this.world.outside.hooks.all.filter(({ again, event }) => !again && event.event === 'message');
    return all.map(({ event }) => event);
  }

  #missingSeqs(): string[] {
    const bySession = new Map<string, Set<number>>();
    for (const { event } of this.world.outside.hooks.all) {
      const seqs = bySession.get(event.session) ?? new Set();
      bySession.set(event.session, seqs.add(event.seq ?? 0));
    }
    return [...bySession].flatMap(([session, seqs]) => {
      const [first, last] = [Math.min(...seqs), Math.max(...seqs)];
      const all = Array.from({ length: last - first + 1 }, (_, index) => first + index);
      return all.filter((seq) => !seqs.has(seq)).map((seq) => `${session} ${seq}`);
    });
  }

  async #missingCursors(): Promise<number> {
    const client = new Client({ connectionString: this.world.server.url });
    await client.connect();
    const { rows } = await client.query('SELECT max(cursor) - min(cursor) + 1 - count(*) AS missing FROM waha.events');
    await client.end();
    return Number(rows[0]?.missing);
  }

  async #notWorking(): Promise<string[]> {
    const names = Array.from({ length: this.#options.sessions }, (_, index) => nameOf(index));
    const statuses = await Promise.all(
      names.map((name, index) =>
        this.#anyOf(index)
          .api.get(`/api/sessions/${name}`)
          .then(
            ({ body }) => body.status,
            () => 'none',
          ),
      ),
    );
    return names.filter((_, index) => statuses[index] !== 'WORKING');
  }

  async #untilStill(count: () => number | Promise<number>, wanted: number): Promise<void> {
    let [best, since] = [await count(), performance.now()];
    while (best < wanted && performance.now() - since < patience) {
      await pause(200);
      const now = await count();
      if (now > best) [best, since] = [now, performance.now()];
    }
  }

  #say(line: string): void {
    this.#options.log?.(line);
  }
}

const keyOf = (event: RuntimeEvent): string => (event.payload as WAMessage).id.split('_')[2] ?? '';

const repeated = <T>(list: readonly T[]): T[] => [...new Set(list.filter((item, index) => list.indexOf(item) < index))];
