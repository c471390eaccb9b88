import type { Engine, EngineInput, PublishOptions } from '../contracts/engine.ts';
import type { EventName } from '../contracts/event-names.ts';
import type { EventPayloads } from '../contracts/event-payloads.ts';
import type { EventBus } from '../contracts/events.ts';
import type { Log } from '../contracts/log.ts';
import type { Proxies, ProxyAddress } from '../contracts/network.ts';
import type { AuthStore, MessageStore } from '../contracts/stores.ts';
import { connectionLost, sentence } from '../errors.ts';
import { type Connect, ProxyUnusable } from './context.ts';
import { effectiveConfig, type SessionDefaults } from './effective-config.ts';
import { guardedProxy, type ProxyGuard } from './guarded-urls.ts';
import type { Session } from './session.ts';

/** What a connection is made of. */
export interface ConnectionOptions {
  /** Those that plugins have contributed so far. */
  engines(): readonly Engine[];
  readonly auth: AuthStore;
  readonly messages: MessageStore;
  readonly bus: EventBus;
  /** Undefined when no plugin provides them. */
  proxies(): Proxies | undefined;
  readonly defaults: SessionDefaults;
  readonly log: Log;
  /** What a session's own proxy must get past. */
  readonly proxyGuard?: ProxyGuard;
}

/**
 * How the machine of a session opens its connection. Events of one that is not the session's any more are refused. Throws
 * when the session's engine is not loaded or its proxy is unreadable.
 */
export const connectSession =
  (session: () => Session, options: ConnectionOptions): Connect =>
  ({ signal, isCurrent }) => {
    const { engines, auth, messages, proxies, bus, defaults } = options;
    const { record } = session();
    const engine = engines().find(({ name }) => name === record.engine);
    if (!engine) throw new Error(`engine '${record.engine}' is not loaded`);
    const config = effectiveConfig(record.config, defaults);
    const input: EngineInput = {
      session: record.name,
      config,
      auth: auth.open(record.name),
      history: messages.of(record.name),
      library: config.noweb?.store?.enabled === true ? messages.library(record.name) : null,
      proxy: chooseProxy(record.name, config.proxy, proxies(), options.proxyGuard),
      log: session().log,
      wants: (event) => bus.wants(event, record.name),
      signal,
      publish: async (event, payload, facts) => {
        if (!isCurrent()) throw connectionLost(record.name);
        await publish(session(), bus, event, payload, facts);
      },
    };
    return engine.open(input);
  };

const chooseProxy = (
  name: string,
  own: NonNullable<Parameters<Proxies['choose']>[1]> | null | undefined,
  proxies: Proxies | undefined,
  guard: ProxyGuard = { refusal: () => null },
): ProxyAddress | null => {
  try {
    if (own && own.server.trim() !== '') return guardedProxy(own, guard);
    if (proxies) return proxies.choose(name, own ?? undefined);
    return null;
  } catch (error) {
    throw new ProxyUnusable(sentence(error));
  }
};

const publish = <N extends EventName>(
  session: Session,
  bus: EventBus,
  event: N,
  payload: EventPayloads[N],
  options: PublishOptions = {},
): Promise<void> => {
  session.touch();
  return bus.publish({
    session: session.name,
    event,
    payload,
    metadata: session.config.metadata ?? undefined,
    me: session.me,
    engine: session.record.engine,
    ...options,
  });
};
