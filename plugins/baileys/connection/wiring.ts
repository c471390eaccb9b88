import type { EventEmitter } from 'node:events';
import type { WAMessage as RawMessage } from '@whiskeysockets/baileys';
import type { Files, Log, MeInfo } from 'waha-runtime';
import type { EngineInput, WhatsAppEndpoint } from 'waha-runtime/engine';
import type { BaileysConfig } from '../config.ts';
import type { AuthState } from '../credentials/auth-state.ts';
import { isMe, isSameMe, meOf } from '../credentials/me.ts';
import { Directory } from '../identity/directory.ts';
import { openGroups } from '../identity/groups/open.ts';
import type { GroupServer } from '../identity/groups/queries.ts';
import type { LidMappings } from '../identity/lid-mappings.ts';
import { type AccountEvents, tellAccountEvents } from '../inbound/account-events.ts';
import { ChannelPosts } from '../inbound/channel-posts.ts';
import { EventQueue, type Fact } from '../inbound/event-queue.ts';
import { watchGroups } from '../inbound/group-room.ts';
import type { IgnoredMessages } from '../inbound/ignored.ts';
import { Inbound } from '../inbound/inbound.ts';
import type { InboundJournal } from '../inbound/inbound-journal.ts';
import { HeardPresences } from '../inbound/presences.ts';
import type { Publisher } from '../inbound/publisher.ts';
import { Receipts } from '../inbound/receipts.ts';
import { Seals } from '../inbound/seals.ts';
import { ToldChanges } from '../inbound/told-changes.ts';
import type { MediaIn } from '../media/media-in.ts';
import type { Recent } from '../recent.ts';
import { watchDropped } from '../repairs/dropped-messages.ts';
import { onGroupReceipts } from '../repairs/group-receipts.ts';
import type { GateWatch } from '../repairs/receipt-gate.ts';
import { AccountLimits } from '../socket/account-limits.ts';
import { Requests } from '../socket/requests.ts';
import { SentMessages } from '../socket/sent-messages.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import { ChatDiscovery } from '../store/chat-discovery.ts';
import { feedStore } from '../store/feed.ts';
import { HistorySync } from '../store/history/history-sync.ts';
import { MessageStore } from '../store/message-store.ts';
import { mediaFor } from './media-transport.ts';
import { type SocketCare, takeCare } from './socket-care.ts';
import type { Transport } from './transport.ts';

/** More facts than this waiting to be published, and the websocket is read no further. */
const WAITING_FACTS = 1000;

/** One socket with everything that hangs on it. */
export interface Live {
  readonly sock: BaileysSocket;
  readonly care: SocketCare;
  readonly requests: Requests;
  readonly limits: AccountLimits;
  readonly sent: SentMessages;
  readonly heard: HeardPresences;
  readonly queue: EventQueue;
  readonly journal: InboundJournal;
  readonly media: MediaIn;
  readonly messageStore: MessageStore;
  readonly historySync: HistorySync;
  readonly account: AccountEvents;
  readonly directory: Directory;
  readonly groupServer: GroupServer;
  /** Makes a new key for our messages in a group: somebody is not in it any more. */
  rotateGroupKey(group: string): void;
}

export interface WiringOptions {
  readonly input: EngineInput;
  readonly auth: AuthState;
  readonly journal: InboundJournal;
  readonly publisher: Publisher;
  readonly published: Recent<true>;
  /** Counts what has no event. */
  readonly ignored: IgnoredMessages;
  /** Hears how long frames wait. */
  readonly gateWatch: GateWatch;
  /** Where files of messages are kept. */
  readonly files?: Files | undefined;
  readonly transport: Transport | undefined;
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
export const wire = (sock: BaileysSocket, options: WiringOptions): Live => {
  const { auth, journal, publisher, input } = options;
  const { log, session } = input;
  const requests = new Requests(session, sock, options.plugin.queryTimeoutMs);
  const limits = new AccountLimits(sock, { requests, queries: options.plugin.graphQueries, now: options.now });
  const { groups, groupServer } = openGroups(sock, { auth: input.auth, requests, log, now: options.now });
  const directory = new Directory(sock, { auth, groups, requests, me: () => publisher.me });
  const { names, people } = directory;
  const messageStore = storeOf(options, names, (jid) => discovery.chat(jid));
  const queue: EventQueue = queueOf(log, (on) => care.read(on));
  const care: SocketCare = takeCare(sock, {
    ...options,
    published: () => queue.reached(),
    handled: (stanza) => handled(stanza),
  });
  auth.writeBehind(care.gate);
  const sent = new SentMessages(sock, {
    accepted(raw, timestamp, traceparent) {
      queue.pipe(inbound.sent(raw, timestamp, traceparent));
      queue.pipe(receipts.accepted(raw.key.id ?? '', timestamp));
    },
    ...{ refusal: (code) => limits.refusal(code), holdUntil: care.gate.holdUntil },
  });
  const discovery: ChatDiscovery = new ChatDiscovery({ sock, messageStore, names, log });
  const media = mediaFor(sock, { ...options, session, me: () => publisher.me?.id });
  const inbound = inboundOf({ ...options, messageStore, sent, media, directory });
  const receipts: Receipts = new Receipts({ publisher, messageStore, sent, names });
  const told = wholly(sock, directory);
  const receive = (raw: RawMessage) => queue.pipe(journaled(inbound.received(told(raw)), raw, journal));
  const handled = watchDropped(sock, auth, (raw, isSealed) => takeDropped(raw, isSealed, options, receive));
  listen(sock, { queue, receipts, journal, messageStore }, receive);
  const account = tellAccountEvents(sock, { ...options, queue, names, people, messageStore });
  watchCredentials(sock, options, care.gate.holdUntil);
  // Before anything that this connection will say.
  queue.push(() => takeUp(inbound, queue, options));
  const historySync = new HistorySync({ ...options, sock, messageStore, media, log, timers: directory.timers });
  const rotateGroupKey = watchGroups(sock, { ...options, directory, messageStore, queue, gate: care.gate, log });
  const made = { sock, care, requests, limits, sent, queue, journal, media, messageStore, historySync };
  return { ...made, heard: new HeardPresences(sock), account, directory, groupServer, rotateGroupKey };
};

/** A message with what Baileys drops of its stanza: names of people, and in channels the numbers of posts. */
const wholly = (sock: BaileysSocket, { numbers }: Directory): ((raw: RawMessage) => RawMessage) => {
  const channels = new ChannelPosts(sock);
  const named = numbers.usernames.listen(sock.ws as unknown as EventEmitter);
  return (raw) => channels.told(named(raw));
};

/** Facts in their order. Too many that wait, and nothing more is read. */
const queueOf = (log: Log, read: (on: boolean) => void): EventQueue =>
  new EventQueue({ log, limit: WAITING_FACTS, onFull: () => read(false), onRoom: () => read(true) });

/** What the library did not hand out: told of as something that is waited for when only the phone has it, else counted. */
const takeDropped = (
  raw: RawMessage,
  isSealed: boolean,
  { ignored, ignores, input: { log } }: WiringOptions,
  receive: (raw: RawMessage) => void,
): void => {
  if (ignores(raw.key.remoteJid ?? '')) return;
  if (isSealed) ignored.add(raw, 'dropped', log);
  else receive(raw);
};

const storeOf = (
  { input, ignores }: WiringOptions,
  names: LidMappings,
  onChat: (jid: string) => void,
): MessageStore => {
  const { history, library, log } = input;
  return new MessageStore({ history, library, log, ignores, onChat, idsOf: (jids) => names.idsOf(jids) });
};

type InboundSources = Pick<WiringOptions, 'publisher' | 'published' | 'ignored' | 'input'> &
  Pick<Live, 'messageStore' | 'sent' | 'media' | 'directory'>;

const inboundOf = ({ input: { log }, ...sources }: InboundSources): Inbound => {
  const { publisher, messageStore, directory } = sources;
  const { names, groups, timers } = directory;
  const me = () => publisher.me;
  const seals = new Seals({ history: messageStore, names, me });
  return new Inbound({
    ...sources,
    log,
    seals,
    names,
    timers,
    changes: new ToldChanges({ ...sources, names, groups, log, seals, me }),
  });
};

/** How many messages of the journal share a commit. */
const AT_ONCE = 200;

/** Publishes what a former connection decrypted and did not publish. */
const takeUp = async (inbound: Inbound, queue: EventQueue, { journal, onFailure }: WiringOptions): Promise<void> => {
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
  sock: BaileysSocket,
  {
    queue,
    receipts,
    journal,
    messageStore,
  }: Pick<Live, 'queue' | 'journal' | 'messageStore'> & { readonly receipts: Receipts },
  receive: (raw: RawMessage) => void,
): void => {
  const { ev } = sock;
  ev.on('messages.upsert', ({ messages }) => {
    for (const raw of messages) receive(raw);
  });
  ev.on('messages.update', (updates) => {
    for (const update of updates) queue.pipe(receipts.updated(update));
  });
  onGroupReceipts(
    sock.ws as unknown as EventEmitter,
    (jid) => isMe(jid, sock.authState.creds.me),
    (update) => queue.pipe(receipts.member(update)),
  );
  journal.attach(sock, receive);
  feedStore(sock, messageStore);
};

const watchCredentials = (
  { ev }: BaileysSocket,
  { auth, onMe }: WiringOptions,
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
