import type { LoadedConfig } from './config/schema.ts';
import type { Container } from './container.ts';
import type { Clock, Random } from './contracts/clock.ts';
import type { Log } from './contracts/log.ts';
import type { RuntimeInfo } from './contracts/runtime-info.ts';
import { FanOutBus } from './events/bus.ts';
import { CollectionEventLog } from './events/event-log.ts';
import { keepBounded } from './events/retention.ts';
import type { PluginHost } from './host/host.ts';
import type { ClosableEgress } from './network/egress.ts';
import { BundledSessions } from './session/moving.ts';
import { printQrCodes } from './session/print-qr.ts';
import { ActorSessions } from './session/sessions.ts';
import { StoreLatency } from './stores/latency.ts';
import { openStores, type Stores } from './stores/open-stores.ts';
import { Points, Tokens } from './tokens.ts';

/** What there is before any plugin. */
export interface Foundation {
  readonly config: LoadedConfig;
  /** Go on although data that were there at the last start are gone. */
  readonly acceptDataLoss: boolean;
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
  readonly sessions: ActorSessions;
  readonly moving: BundledSessions;
  /** Waits for what is under way. The databases are closed by their plugins. */
  close(): Promise<void>;
}

/** Opens stores and event log, and takes up the stored sessions without starting one. */
export const openServices = async (foundation: Foundation): Promise<Services> => {
  const { host, config, clock, log, acceptDataLoss } = foundation;
  const latency = new StoreLatency();
  const { recentPerSession, storedPerSession } = config.value.messages;
  const stores = await openStores(host.contributions(Points.Database), config.value.stores, {
    clock,
    log,
    latency,
    acceptDataLoss,
    messagesPerSession: recentPerSession,
    messagesPerLibrary: storedPerSession,
  });
  try {
    const eventLog = await CollectionEventLog.open(stores.outbox, clock.now());
    const bus = createBus(foundation, stores, eventLog);
    const sessions = await takeUpSessions(foundation, stores, bus);
    const engines = () => host.contributions(Points.Engine).map(({ value }) => value);
    const moving = new BundledSessions({ sessions, auth: stores.auth, messages: stores.messages, engines });
    const close = async (): Promise<void> => {
      await bus.idle();
      await stores.close();
    };
    return { stores, latency, eventLog, bus, sessions, moving, close };
  } catch (error) {
    await stores.close();
    throw error;
  }
};

const createBus = ({ host, info, clock, log }: Foundation, { outbox }: Stores, eventLog: CollectionEventLog) =>
  new FanOutBus({
    eventLog,
    info,
    clock,
    log,
    lists: {
      filters: () => host.contributions(Points.EventFilter),
      sinks: () => host.contributions(Points.EventSink),
    },
    check: (change) => outbox.check(change),
  });

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
    delivers: () => host.contributions(Points.EventSink).some(({ value }) => value.deliversWebhooks === true),
    proxyGuard: egress,
  });
  for (const record of await stores.sessions.list()) sessions.adopt(record);
  if (session.printQr) printQrCodes(bus, sessions, log);
  return sessions;
};

/**
 * Keeps the event log within its bounds from now on: call it when every sink is there, for a sink says what it still has to
 * read. Returns the way to stop.
 */
export const pruneLog = ({ config, clock, log }: Foundation, { eventLog, bus }: Services): (() => void) => {
  const { maxAgeHours, maxEvents } = config.value.events;
  return keepBounded(eventLog, {
    retention: { maxAge: maxAgeHours * 3_600_000, maxEvents },
    clock,
    log,
    oldestNeeded: () => bus.oldestNeeded(),
  });
};
