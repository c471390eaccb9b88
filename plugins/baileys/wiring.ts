import type { WAMessage as RawMessage } from '@whiskeysockets/baileys';
import type { EngineInput, MeInfo } from 'waha-runtime';
import type { AuthState } from './auth-state.ts';
import { InOrder } from './in-order.ts';
import { Inbound } from './inbound.ts';
import { isSameMe, meOf } from './me.ts';
import { Outgoing } from './outgoing.ts';
import { presencePayload } from './presence.ts';
import { Publisher } from './publisher.ts';
import { Receipts } from './receipts.ts';
import type { Recent } from './recent.ts';
import { SentMessages } from './sent-messages.ts';
import { type SocketCare, takeCare } from './socket-care.ts';
import type { BaileysSocket } from './socket-options.ts';

/** More facts than this waiting to be published, and the websocket is read no further. */
const WAITING_FACTS = 1000;

/** One socket with everything that hangs on it. */
export interface Live {
  readonly sock: BaileysSocket;
  readonly care: SocketCare;
  readonly outgoing: Outgoing;
  readonly sent: SentMessages;
  readonly queue: InOrder;
  readonly publisher: Publisher;
}

export interface WiringParts {
  readonly input: EngineInput;
  readonly auth: AuthState;
  readonly published: Recent<true>;
  /** A rejection in one of Baileys' own listeners. */
  onError(event: string, error: unknown): void;
  /** What we know of ourselves changed. */
  onMe(me: MeInfo): void;
}

/** Connects Baileys' events with ours. Facts of one session keep their order. */
export const wire = (sock: BaileysSocket, parts: WiringParts): Live => {
  const { input, auth, published } = parts;
  const { history, log } = input;
  const publisher = new Publisher(input, () => meOf(auth.creds));
  const queue: InOrder = new InOrder({
    log,
    limit: WAITING_FACTS,
    onFull: () => care.read(false),
    onRoom: () => care.read(true),
  });
  const care: SocketCare = takeCare(sock, { onError: parts.onError, published: () => queue.reached() });
  const accepted = (raw: RawMessage, timestamp: number) => {
    const id = raw.key.id ?? '';
    queue.push(() => inbound.sent(raw, timestamp));
    queue.push(() => receipts.accepted(id, timestamp));
  };
  const sent = new SentMessages(sock, { accepted });
  const inbound: Inbound = new Inbound({ publisher, published, history, sent, log });
  const receipts: Receipts = new Receipts({ publisher, history, sent });
  listen(sock, queue, inbound, receipts, publisher);
  watchCredentials(sock, parts);
  return { sock, care, outgoing: new Outgoing(input.session, sock), sent, queue, publisher };
};

const listen = (
  { ev }: BaileysSocket,
  queue: InOrder,
  inbound: Inbound,
  receipts: Receipts,
  publisher: Publisher,
): void => {
  ev.on('messages.upsert', ({ messages }) => {
    for (const raw of messages) queue.push(() => inbound.received(raw));
  });
  ev.on('messages.update', (updates) => {
    for (const update of updates) if (update.update.status != null) queue.push(() => receipts.updated(update));
  });
  ev.on('message-receipt.update', (updates) => {
    for (const update of updates) queue.push(() => receipts.member(update));
  });
  ev.on('presence.update', ({ id, presences }) => {
    queue.push(() => publisher.publish('presence.update', presencePayload(id, presences), {}));
  });
};

const watchCredentials = ({ ev }: BaileysSocket, { auth, onMe }: WiringParts): void => {
  let known = meOf(auth.creds);
  ev.on('creds.update', () => {
    // A failure is reported by the store's state itself.
    if (auth.linked) auth.saveCredentials().catch(() => undefined);
    const me = meOf(auth.creds);
    if (!me || isSameMe(me, known)) return;
    known = me;
    onMe(me);
  });
};
