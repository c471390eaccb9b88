import type { SessionStatusPayload } from '../../core/contracts/session.ts';
import type { RuntimeEvent, SessionInfo } from '../../core/index.ts';
import { ProcessWorld } from '../support/process-world.ts';

/** What became of one kill. Empty lists are what one wants. */
export interface KillReport {
  readonly round: number;
  /** Sessions that are not as they should be after the restart. */
  readonly wrong: readonly string[];
  /** Linked sessions that asked for a QR code. */
  readonly lostCredentials: readonly string[];
}

const phone = (session: string, round = 0): string =>
  `49152${String(20_000_000 + round * 100 + ['working', 'retrying', 'stopped', 'banned', 'linking', 'leaving'].indexOf(session))}`;

/**
 * A process with a session in each state is killed without a word, and started again, so many times. `log` gets a line a
 * round.
 */
export const killAgainAndAgain = async (
  rounds: number,
  log: (line: string) => void = () => undefined,
): Promise<KillReport[]> => {
  const world = await ProcessWorld.start({ timings: { backoffBase: 200, backoffSlow: 200, backoffCap: 500 } });
  try {
    for (const session of ['working', 'retrying', 'stopped', 'banned']) await link(world, session, phone(session));
    await world.api.post('/api/sessions/stopped/stop');
    await world.api.post('/api/sessions', { name: 'scanning' });
    const reports: KillReport[] = [];
    for (let round = 1; round <= rounds; round++) {
      await prepare(world, round);
      await world.kill();
      world.outside.sandbox.faults.clear();
      const report = await inspect(world, round);
      reports.push(report);
      log(`kill ${round}: ${[...report.wrong, ...report.lostCredentials].join(', ') || 'all as it should be'}`);
    }
    return reports;
  } finally {
    await world.close();
  }
};

const link = async ({ api, outside: { sandbox, hooks } }: ProcessWorld, session: string, number: string) => {
  const from = hooks.all.length;
  await api.post('/api/sessions', { name: session });
  const { body } = await api.get(`/api/${session}/auth/qr?format=raw`);
  await sandbox.phone(number).scan(body.value);
  await hooks.status(session, 'WORKING', from);
};

/** Brings one session into each state; the last ones are in the middle of something when this returns. */
const prepare = async (world: ProcessWorld, round: number): Promise<void> => {
  const { api, outside } = world;
  const { sandbox, hooks } = outside;
  const from = hooks.all.length;
  await link(world, `leaving${round}`, phone('leaving', round));
  sandbox.faults.set({ kind: 'refuse-login', reason: 503, phone: phone('retrying') });
  sandbox.faults.set({ kind: 'refuse-login', reason: 406, phone: phone('banned') });
  sandbox.disconnect('reset', { phone: phone('retrying') });
  sandbox.disconnect('reset', { phone: phone('banned') });
  await Promise.all([hooks.status('retrying', 'STARTING', from), hooks.status('banned', 'FAILED', from)]);
  await api.post('/api/sessions', { name: `linking${round}` });
  const { body } = await api.get(`/api/linking${round}/auth/qr?format=raw`);
  // From here on nothing is waited for: the process dies in the middle of a linking, a deletion and a start.
  const unlinked = sandbox.next('unlink', ({ phone: number }) => number === phone('leaving', round));
  api.delete(`/api/sessions/leaving${round}`).catch(() => undefined);
  api.post('/api/sessions', { name: `starting${round}` }).catch(() => undefined);
  await Promise.all([unlinked, sandbox.phone(phone('linking', round)).scan(body.value)]);
};

/** Starts the process again and compares every session with what was asked of it. */
const inspect = async (world: ProcessWorld, round: number): Promise<KillReport> => {
  const { hooks } = world.outside;
  // What was under way to the webhook when the process died comes now: only what happens from here on counts.
  const died = Date.now();
  await world.boot();
  const wanted: Record<string, string> = {
    working: 'WORKING',
    retrying: 'WORKING',
    banned: 'WORKING',
    scanning: 'SCAN_QR_CODE',
    [`linking${round}`]: 'WORKING',
  };
  const reached = await Promise.allSettled(
    Object.entries(wanted).map(([session, status]) => hooks.next('session.status', isAfter(died, session, status))),
  );
  const missed = Object.keys(wanted).filter((_, index) => reached[index]?.status === 'rejected');
  const { body } = await world.api.get('/api/sessions?all=true');
  const infos = body as SessionInfo[];
  const resting = infos.find(({ name }) => name === 'stopped');
  const wrong = [...missed, ...(resting?.status === 'STOPPED' ? [] : ['stopped'])];
  const linked = ['working', 'retrying', 'banned', 'stopped', `linking${round}`];
  const lostCredentials = linked.filter((name) =>
    hooks.all.some(({ event }) => isAfter(died, name, 'SCAN_QR_CODE')(event)),
  );
  for (const name of [`linking${round}`, `leaving${round}`, `starting${round}`]) {
    await world.api.delete(`/api/sessions/${name}`);
  }
  return { round, wrong, lostCredentials };
};

const isAfter =
  (moment: number, session: string, status: string) =>
  (event: RuntimeEvent): boolean =>
    event.timestamp >= moment &&
    event.session === session &&
    event.event === 'session.status' &&
    (event.payload as SessionStatusPayload).status === status;
