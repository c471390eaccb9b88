import type { WAMessage as RawMessage } from '@whiskeysockets/baileys';
import type { Files, MeInfo } from 'waha-runtime';
import type { EngineInput, WhatsAppEndpoint } from 'waha-runtime/engine';
import { Outgoing } from '../client/outgoing.ts';
import { HeardPresences } from '../client/presences.ts';
import { SentMessages } from '../client/sent-messages.ts';
import type { BaileysConfig } from '../config.ts';
import type { AuthState } from '../credentials/auth-state.ts';
import { type Fact, InOrder } from '../inbound/in-order.ts';
import { Inbound } from '../inbound/inbound.ts';
import type { InboundJournal } from '../inbound/inbound-journal.ts';
import type { MediaIn } from '../inbound/media.ts';
import { OtherNames } from '../inbound/other-names.ts';
import { Publisher } from '../inbound/publisher.ts';
import { Receipts } from '../inbound/receipts.ts';
import type { Recent } from '../recent.ts';
import { feedStore } from '../store/feed.ts';
import { HistorySync } from '../store/history/history-sync.ts';
import { Introductions } from '../store/introductions.ts';
import { Memory } from '../store/memory.ts';
import { type AccountSide, watchAccount } from './account-side.ts';
import { isSameMe, meOf } from './me.ts';
import { mediaFor } from './media-ways.ts';
import { type SocketCare, takeCare } from './socket-care.ts';
import type { BaileysSocket } from './socket-options.ts';
import type { Ways } from './ways.ts';

/** More facts than this waiting to be published, and the websocket is read no further. */
const WAITING_FACTS = 1000;

/** One socket with everything that hangs on it. */
export interface Live {
  readonly sock: BaileysSocket;
  readonly care: SocketCare;
  readonly outgoing: Outgoing;
  readonly sent: SentMessages;
  readonly heard: HeardPresences;
  readonly queue: InOrder;
  readonly publisher: Publisher;
  readonly journal: InboundJournal;
  readonly media: MediaIn;
  readonly memory: Memory;
  readonly historySync: HistorySync;
  readonly account: AccountSide;
}

export interface WiringParts {
  readonly input: EngineInput;
  readonly auth: AuthState;
  readonly journal: InboundJournal;
  readonly published: Recent<true>;
  /** Where files of messages are kept. */
  readonly files?: Files | undefined;
  readonly ways: Ways | undefined;
  readonly plugin: BaileysConfig;
  readonly endpoint: WhatsAppEndpoint | undefined;
  /** Whether the session's config filters a chat. */
  ignores(jid: string): boolean;
  /** A year of history, instead of three months. */
  readonly fullSync: boolean;
  now(): number;
  /** A rejection in one of Baileys' own listeners. */
  onError(event: string, error: unknown): void;
  /** The store failed. */
  onFailure(error: unknown): void;
  /** What we know of ourselves changed. */
  onMe(me: MeInfo): void;
}

/** Connects Baileys' events with ours. Facts of one session keep their order. */
export const wire = (sock: BaileysSocket, parts: WiringParts): Live => {
  const { input, auth, journal, published } = parts;
  const { log, library } = input;
  const onChat = (jid: string): void => introductions.chat(jid);
  const history = new Memory({ history: input.history, library, log, ignores: parts.ignores, onChat });
  const publisher = new Publisher(input, () => meOf(auth.creds));
  const queue: InOrder = new InOrder({
    log,
    limit: WAITING_FACTS,
    onFull: () => care.read(false),
    onRoom: () => care.read(true),
  });
  const care: SocketCare = takeCare(sock, { onError: parts.onError, published: () => queue.reached() });
  auth.writeBehind(care.gate);
  const accepted = (raw: RawMessage, timestamp: number) => {
    const id = raw.key.id ?? '';
    queue.pipe(inbound.sent(raw, timestamp));
    queue.pipe(receipts.accepted(id, timestamp));
  };
  const sent = new SentMessages(sock, { accepted, holdUntil: care.gate.holdUntil });
  const names = new OtherNames(auth);
  const introductions: Introductions = new Introductions({ sock, memory: history, names, log });
  const media = mediaFor(sock, { ...parts, session: input.session, me: () => publisher.me?.id });
  const inbound: Inbound = new Inbound({ publisher, published, history, sent, media, names });
  const receipts: Receipts = new Receipts({ publisher, history, sent, names });
  const receive = (raw: RawMessage) => queue.pipe(journaled(inbound.received(raw), raw, journal));
  listen(sock, queue, receive, receipts);
  journal.attach(sock, receive);
  feedStore(sock, history);
  const account = watchAccount(sock, { ...parts, publisher, queue, names });
  watchCredentials(sock, parts, care.gate.holdUntil);
  const heard = new HeardPresences(sock);
  // Before anything that this connection will say.
  queue.push(() => takeUp(inbound, queue, parts));
  const outgoing = new Outgoing(input.session, sock);
  const historySync = new HistorySync({ ...parts, sock, memory: history, media, log });
  return { sock, care, outgoing, sent, heard, queue, publisher, journal, media, memory: history, historySync, account };
};

/** How many messages of the journal share a commit. */
const AT_ONCE = 200;

/** Publishes what a former connection decrypted and did not publish. */
const takeUp = async (inbound: Inbound, queue: InOrder, { journal, onFailure }: WiringParts): Promise<void> => {
  const left = (await journal.left().catch(onFailure)) ?? [];
  while (left.length > 0) {
    const facts = left.splice(0, AT_ONCE).map((raw) => journaled(inbound.received(raw), raw, journal));
    await Promise.all(facts.map((fact) => fact?.prepared));
    await Promise.all(facts.map((fact) => fact && queue.handOver(fact)));
    await journal.flush();
  }
};

/** The fact, after which the journal need not keep its message any longer. */
const journaled = (fact: Fact | null, { key }: RawMessage, journal: InboundJournal): Fact | null => {
  if (!fact) {
    journal.published(key.id);
    return null;
  }
  return {
    ...fact,
    isKept: journal.keeps(key.id),
    publish: () => fact.publish().then(() => journal.published(key.id)),
  };
};

const listen = (
  { ev }: BaileysSocket,
  queue: InOrder,
  receive: (raw: RawMessage) => void,
  receipts: Receipts,
): void => {
  ev.on('messages.upsert', ({ messages }) => {
    for (const raw of messages) receive(raw);
  });
  ev.on('messages.update', (updates) => {
    for (const update of updates) queue.pipe(receipts.updated(update));
  });
  ev.on('message-receipt.update', (updates) => {
    for (const update of updates) queue.pipe(receipts.member(update));
  });
};

const watchCredentials = (
  { ev }: BaileysSocket,
  { auth, onMe }: WiringParts,
  holdUntil: (durable: Promise<void>) => void,
): void => {
  let known = meOf(auth.creds);
  let linked = auth.linked;
  ev.on('creds.update', () => {
    // A failure is reported by the store's state itself.
    if (auth.linked) {
      const saved = auth.saveCredentials();
      saved.catch(() => undefined);
      // The phone hears that it is linked once we cannot forget it any more: a crash in between would lose the account.
      if (!linked) holdUntil(saved);
      linked = true;
    }
    const me = meOf(auth.creds);
    if (!me || isSameMe(me, known)) return;
    known = me;
    onMe(me);
  });
};
