import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { hasPostgres } from '../support/postgres.ts';
import { type ClusterProcess, ClusterWorld } from './cluster-world.ts';

// `npm run figures:cluster [sessions]`: what docs/scaling.md says of takeovers, hand-overs and forwarded requests, on this machine.
const sessions = Number(process.argv[2] ?? 60);
if (!hasPostgres || !Number.isSafeInteger(sessions) || sessions < 3) {
  console.error('npm run figures:cluster [sessions]; it needs Debian’s postgresql');
  process.exit(2);
}
const nameOf = (index: number): string => `s${index}`;
const phoneOf = (index: number): string => `49152000${String(index).padStart(4, '0')}`;
const names = Array.from({ length: sessions }, (_, index) => nameOf(index));
const world = await ClusterWorld.start(3, {});
const { sandbox, hooks } = world.outside;

const say = (what: string, figures: object): void =>
  console.log(JSON.stringify({ what, ...figures, load: Number(loadavg()[0]?.toFixed(1)) }));

const quantile = (values: readonly number[], share: number): number =>
  Math.round([...values].sort((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? Number.NaN);

const link = async (): Promise<void> => {
  for (const [index, name] of names.entries()) {
    const { api } = world.processes[index % 3] as ClusterProcess;
    await api.post('/api/sessions', { name });
    const { body } = await world.until(
      () => api.get(`/api/${name}/auth/qr?format=raw`),
      ({ status }) => status === 200,
    );
    await sandbox.phone(phoneOf(index)).scan(body.value);
    await hooks.status(name, 'WORKING');
  }
};

const ownersOf = async (): Promise<Map<string, string>> => {
  const found = new Map<string, string>();
  for (const name of names) {
    const { body } = await world.until(
      () => world.any.api.get(`/api/sessions/${name}`),
      ({ status }) => status === 200,
    );
    found.set(name, body.assignedWorker);
  }
  return found;
};

/** How long after `since` each of them was WORKING again (ms). */
const working = async (lost: readonly string[], from: number, since: number): Promise<number[]> => {
  await Promise.all(
    lost.map((name) =>
      hooks.status(name, 'WORKING', from, 120_000).then(() => times.set(name, performance.now() - since)),
    ),
  );
  return lost.map((name) => times.get(name) ?? Number.NaN);
};
const times = new Map<string, number>();

const killed = async (): Promise<void> => {
  const owners = await ownersOf();
  const victim = world.processes[1] as ClusterProcess;
  const lost = names.filter((name) => owners.get(name) === victim.name);
  const [from, since] = [hooks.all.length, performance.now()];
  await world.kill(victim);
  const after = await working(lost, from, since);
  say('kill -9', { sessions: lost.length, first: Math.round(Math.min(...after)), all: Math.round(Math.max(...after)) });
  await world.join();
  // Sessions are evened out again.
  await pause(45_000);
};

const handedOver = async (): Promise<void> => {
  const owners = await ownersOf();
  const victim = world.processes[0] as ClusterProcess;
  const moved = names.filter((name) => owners.get(name) === victim.name);
  const closed = new Map<string, number>();
  const gaps: number[] = [];
  sandbox.on('closed', ({ phone }) => phone && closed.set(phone, performance.now()));
  sandbox.on('online', ({ phone }) => {
    const since = closed.get(phone);
    if (since !== undefined) gaps.push(performance.now() - since);
    closed.delete(phone);
  });
  const answers = { good: 0, retried: 0, bad: [] as number[] };
  let isOver = false;
  const asking = (async () => {
    for (let count = 0; !isOver; count++) {
      const { api } = world.processes[count % world.processes.length] as ClusterProcess;
      const { status, headers } = await api.get(`/api/sessions/${names[count % names.length]}/me`);
      if (status < 500) answers.good += 1;
      else if (status === 503 && headers.has('retry-after')) answers.retried += 1;
      else answers.bad.push(status);
      await pause(10);
    }
  })();
  const since = performance.now();
  await world.terminate(victim);
  await world.until(
    async () => gaps.length,
    (count) => count >= moved.length,
  );
  isOver = true;
  await asking;
  const span = { p50: quantile(gaps, 0.5), p99: quantile(gaps, 0.99), all: Math.round(performance.now() - since) };
  say('SIGTERM', { sessions: moved.length, ...span, ...answers });
};

const forwarded = async (): Promise<void> => {
  const owner = await world.ownerOf('s0');
  const other = world.processes.find((process) => process !== owner) as ClusterProcess;
  const rate = async ({ api }: ClusterProcess, calls: number): Promise<number> => {
    const since = performance.now();
    let left = calls;
    const worker = async (): Promise<void> => {
      while (left-- > 0)
        await api.post('/api/sendText', { session: 's0', chatId: '5511977776666@c.us', text: `text ${left}` });
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    return calls / ((performance.now() - since) / 1000);
  };
  const ratios: number[] = [];
  for (let round = 0; round < 5; round++) {
    const [local, far] = [await rate(owner, 150), await rate(other, 150)];
    ratios.push((100 * far) / local);
  }
  say('sendText, forwarded : local', {
    ratio: quantile(ratios, 0.5) / 100,
    rounds: ratios.map((ratio) => Math.round(ratio) / 100),
  });
};

try {
  await link();
  say('linked', { sessions });
  await forwarded();
  await killed();
  await handedOver();
} finally {
  await world.close();
}
