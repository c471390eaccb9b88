import type { LoadedConfig } from './config/schema.ts';
import type { Container } from './container.ts';
import type { Clock, Random } from './contracts/clock.ts';
import type { LoggedEvent } from './contracts/events.ts';
import type { Log } from './contracts/log.ts';
import type { RuntimeInfo } from './contracts/runtime-info.ts';
import { FanOutBus } from './events/bus.ts';
import { CollectionEventLog } from './events/event-log.ts';
import { keepBounded } from './events/retention.ts';
import { LogTail } from './events/tail.ts';
import type { PluginHost } from './host/host.ts';
import type { ClosableEgress } from './network/egress.ts';
import { BundledSessions } from './session/moving.ts';
import { printQrCodes } from './session/print-qr.ts';
import { ActorSessions } from './session/sessions.ts';
import { SharedSessions } from './session/shared-sessions.ts';
import { FolderBackups } from './stores/backups.ts';
import { StoreLatency } from './stores/latency.ts';
import { openStores, type Stores } from './stores/open-stores.ts';
import { Points, Tokens } from './tokens.ts';

/** What there is before any plugin. */
export interface Foundation {
  readonly config: LoadedConfig;
  /** Go on although data that were there at the last start are gone. */
  readonly acceptDataLoss: boolean;
  /** The databases are a copy whose original may have gone on. */
  readonly restored: boolean;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
  readonly info: RuntimeInfo;
  readonly egress: ClosableEgress;
  readonly container: Container;
  readonly host: PluginHost;
}

/** What the runtime builds on the databases that plugins contributed. */
export interface Services {
  readonly stores: Stores;
  readonly latency: StoreLatency;
  readonly eventLog: CollectionEventLog;
  readonly bus: FanOutBus;
  /** Of a log that several processes share. */
  readonly tail: LogTail | null;
  /** Those of this process. */
  readonly sessions: ActorSessions;
  /** All of a cluster; null where this process has all. */
  readonly shared: SharedSessions | null;
  readonly moving: BundledSessions;
  readonly backups: FolderBackups;
  /** Waits for what is under way. The databases are closed by their plugins. */
  close(): Promise<void>;
}

/** Opens stores and event log, and takes up the stored sessions without starting one. */
export const openServices = async (foundation: Foundation): Promise<Services> => {
  const { host, config, clock, log, acceptDataLoss, restored } = foundation;
  const latency = new StoreLatency();
  const { recentPerSession, storedPerSession } = config.value.messages;
  const stores = await openStores(host.contributions(Points.Database), config.value.stores, {
    clock,
    log,
    latency,
    acceptDataLoss,
    restored,
    ownership: host.contributions(Points.Ownership)[0],
    messagesPerSession: recentPerSession,
    messagesPerLibrary: storedPerSession,
  });
  try {
    const eventLog = await CollectionEventLog.open(stores.outbox, clock.now());
    const { bus, tail } = createBus(foundation, stores, eventLog);
    const sessions = await takeUpSessions(foundation, stores, bus);
    const shared = shareSessions(foundation, stores, { own: sessions, eventLog });
    const engines = () => host.contributions(Points.Engine).map(({ value }) => value);
    const moving = new BundledSessions({
      sessions: shared ?? sessions,
      auth: stores.auth,
      messages: stores.messages,
      engines,
    });
    const backups = offerBackups(foundation, stores);
    const close = async (): Promise<void> => {
      await bus.idle();
      await tail?.end();
      await stores.close();
    };
    return { stores, latency, eventLog, bus, tail, sessions, shared, moving, backups, close };
  } catch (error) {
    await stores.close();
    throw error;
  }
};

const offerBackups = ({ host, config, clock, log }: Foundation, { auth }: Stores): FolderBackups =>
  new FolderBackups({
    databases: () => host.contributions(Points.Database),
    files: () => host.contributions(Points.BackupFile).map(({ value }) => value),
    last: config.value.stores.sessions,
    auth,
    clock,
    log,
  });

const createBus = (
  { host, info, clock, log }: Foundation,
  { outbox, ownership }: Stores,
  eventLog: CollectionEventLog,
): { readonly bus: FanOutBus; readonly tail: LogTail | null } => {
  const deliver = (logged: LoggedEvent): void => bus.deliverToAll(logged);
  const tail = ownership && new LogTail({ eventLog, clock, log, deliver });
  const shared = ownership && {
    lost: (sessions: readonly string[]) => ownership.lost(sessions),
    grown: () => tail?.wake(),
  };
  const bus: FanOutBus = new FanOutBus({
    eventLog,
    info,
    clock,
    log,
    lists: {
      filters: () => host.contributions(Points.EventFilter),
      sinks: () => host.contributions(Points.EventSink),
    },
    check: (change) => outbox.check(change),
    ...shared,
  });
  return { bus, tail };
};

const shareSessions = (
  { host, config, clock, log }: Foundation,
  { ownership, auth, sessions: store }: Stores,
  { own, eventLog }: { readonly own: ActorSessions; readonly eventLog: CollectionEventLog },
): SharedSessions | null => {
  const { worker, session } = config.value;
  return (
    ownership &&
    new SharedSessions({
      ...{ own, ownership, store, auth, clock, log },
      data: () => host.contributions(Points.SessionData).map(({ value }) => value),
      numbers: (name) => eventLog.take(name),
      startConcurrency: worker.startConcurrency,
      patience: session.timings.start,
      grace: session.timings.close,
    })
  );
};

const takeUpSessions = async (foundation: Foundation, stores: Stores, bus: FanOutBus): Promise<ActorSessions> => {
  const { host, config, clock, random, log, info, container, egress } = foundation;
  const { session } = config.value;
  const sessions = new ActorSessions({
    engines: () => host.contributions(Points.Engine).map(({ value }) => value),
    data: () => host.contributions(Points.SessionData).map(({ value }) => value),
    policies: () => host.contributions(Points.ClientPolicy).map(({ value }) => value),
    proxies: () => (container.has(Tokens.Proxies) ? container.resolve(Tokens.Proxies) : undefined),
    auth: stores.auth,
    messages: stores.messages,
    store: stores.sessions,
    bus,
    defaults: session,
    timings: session.timings,
    log,
    workerId: info.workerId,
    clock,
    random,
    refusal: (url) => egress.refusal(url),
    rules: () => host.contributions(Points.SessionRule).map(({ value }) => value),
    delivers: () => host.contributions(Points.EventSink).some(({ value }) => value.deliversWebhooks === true),
    proxyGuard: egress,
  });
  if (!stores.ownership) for (const record of await stores.sessions.list()) sessions.adopt(record);
  if (session.printQr) printQrCodes(bus, sessions, log);
  return sessions;
};

/**
 * Keeps the event log within its bounds from now on: call it when every sink is there, for a sink says what it still has to
 * read. Returns the way to stop.
 */
export const pruneLog = ({ config, clock, log }: Foundation, { eventLog, bus, stores }: Services): (() => void) => {
  const { maxAgeHours, maxEvents } = config.value.events;
  return keepBounded(eventLog, {
    retention: { maxAge: maxAgeHours * 3_600_000, maxEvents },
    clock,
    log,
    oldestNeeded: () => {
      const needed = bus.oldestNeeded();
      return stores.ownership ? stores.ownership.prunes(needed) : needed;
    },
  });
};
