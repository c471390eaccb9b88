import { Timings } from '../../core/config/schema.ts';
import { compile } from '../../core/config/validate.ts';
import type { SessionStatusPayload } from '../../core/contracts/session.ts';
import { CollectionEventLog } from '../../core/events/event-log.ts';
import type { Log, Proxies, RuntimeEvent } from '../../core/index.ts';
import type { SessionDefaults } from '../../core/session/effective-config.ts';
import { ActorSessions } from '../../core/session/sessions.ts';
import { openStores } from '../../core/stores/open-stores.ts';
import { memoryDatabase } from '../../core/testing/memory-database.ts';
import { busOn } from './bus.ts';
import { SimulatedClock, settle } from './clock.ts';
import { FakeEngine } from './fake-engine.ts';
import { silentLog } from './log.ts';

/** The timings of the product, some of them changed. */
export const timings = (changes: Partial<Timings> = {}): Timings => {
  const checked = compile(Timings)(changes);
  if (!checked.ok) throw new Error(checked.violations.map(({ message }) => message).join('; '));
  return checked.value;
};

/** Sessions on a fake engine, an in-memory database and a simulated clock. */
export const sessionsOnFakes = async (
  options: {
    timings?: Partial<Timings>;
    random?: () => number;
    log?: Log;
    defaults?: SessionDefaults;
    proxies?: Proxies;
  } = {},
) => {
  const clock = new SimulatedClock();
  const engine = new FakeEngine();
  const events: RuntimeEvent[] = [];
  const database = memoryDatabase();
  const stores = await openStores([{ plugin: 'memory', value: database }], {}, { clock, log: silentLog });
  const { bus } = busOn({ eventLog: await CollectionEventLog.open(stores.outbox), clock, log: silentLog });
  bus.subscribe('test', (event) => events.push(event));
  const sessions = new ActorSessions({
    engines: () => [engine],
    auth: stores.auth,
    messages: stores.messages,
    store: stores.sessions,
    bus,
    proxies: () => options.proxies,
    defaults: options.defaults ?? {},
    log: options.log ?? silentLog,
    workerId: 'test',
    clock,
    random: options.random ?? (() => 0.5),
    timings: timings(options.timings),
  });
  const statuses = () =>
    events
      .filter((event) => event.event === 'session.status')
      .map((event) => (event.payload as SessionStatusPayload).status);
  return { clock, engine, events, statuses, sessions, stores, database, bus };
};

export type FakeWorld = Awaited<ReturnType<typeof sessionsOnFakes>>;

/** The same, with a session `ana` that is WORKING. */
export const workingOnFakes = async (options: Parameters<typeof sessionsOnFakes>[0] = {}): Promise<FakeWorld> => {
  const world = await sessionsOnFakes(options);
  await world.sessions.create({ name: 'ana' });
  world.engine.last.open();
  await settle();
  return world;
};
