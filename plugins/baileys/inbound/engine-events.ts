import type { BaileysEventMap, ConnectionState } from '@whiskeysockets/baileys';
import { sentence } from 'waha-runtime';
import { jsonSafe } from '../json-safe.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import type { Fact } from './event-queue.ts';
import type { Publisher } from './publisher.ts';

/** How long an answer to "does anybody want them?" holds: a burst asks once. */
const RECHECK_MS = 250;
/** Larger ones are told of without their data. */
const LARGEST = 256 * 1024;

export interface EngineEventsOptions {
  readonly publisher: Publisher;
  /** Whether somebody asks for `engine.event`. */
  wanted(): boolean;
  now(): number;
  tell(fact: Fact): void;
}

/**
 * What Baileys says, as `engine.event`, while somebody asks for it; and `state.change` when the connection's state changes.
 * Credentials, keys and codes to link with are never in it.
 */
export const tellEngineEvents = ({ ev }: Pick<BaileysSocket, 'ev'>, options: EngineEventsOptions): void => {
  const { publisher, tell } = options;
  const wanted = rarely(options);
  const say = (publish: () => Promise<void>) => tell({ prepared: Promise.resolve(), publish });
  ev.on('connection.update', (update) => {
    if (update.connection) say(() => publisher.publish('state.change', stateOf(update), {}));
  });
  ev.process((events) => {
    if (!wanted()) return;
    for (const [event, data] of Object.entries(events)) {
      if (event === 'creds.update') continue;
      const payload = { event, data: bounded(shown(event, data)) };
      say(() => publisher.publish('engine.event', payload, {}));
    }
  });
};

const rarely = ({ wanted, now }: EngineEventsOptions): (() => boolean) => {
  let answer = false;
  let askedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (now() - askedAt < RECHECK_MS) return answer;
    askedAt = now();
    answer = wanted();
    return answer;
  };
};

const shown = (event: string, data: unknown): unknown => {
  if (event === 'connection.update') return stateOf(data as Partial<ConnectionState>);
  if (event === 'messaging-history.set') return sizesOf(data as BaileysEventMap['messaging-history.set']);
  return jsonSafe(data);
};

const stateOf = ({ qr: _, lastDisconnect, ...state }: Partial<ConnectionState>): object => {
  const error = lastDisconnect?.error;
  return {
    ...(jsonSafe(state) as object),
    ...(lastDisconnect
      ? { lastDisconnect: { date: jsonSafe(lastDisconnect.date), error: error && sentence(error) } }
      : {}),
  };
};

const sizesOf = ({
  chats,
  contacts,
  messages,
  syncType,
  progress,
  isLatest,
}: BaileysEventMap['messaging-history.set']) => ({
  chats: chats.length,
  contacts: contacts.length,
  messages: messages.length,
  ...{ syncType, progress, isLatest },
});

const bounded = (data: unknown): unknown => {
  const bytes = JSON.stringify(data ?? null).length;
  return bytes > LARGEST ? { leftOut: `${bytes} bytes` } : data;
};
