import {
  type BinaryNode,
  encodeSignedDeviceIdentity,
  jidDecode,
  jidEncode,
  proto,
  type SignalDataSet,
  writeRandomPadMax16,
} from '@whiskeysockets/baileys';
import { getMessageReportingToken } from '@whiskeysockets/baileys/lib/Utils/reporting-utils.js';
import { isTcTokenExpired, shouldSendNewTcToken } from '@whiskeysockets/baileys/lib/Utils/tc-token-utils.js';
import type { AuthState } from '../credentials/auth-state.ts';
import { isMe } from '../credentials/me.ts';
import { ownIdentity } from '../credentials/own-identity.ts';
import { sessionNameOf } from '../credentials/stored-names.ts';
import { encrypted, type StoredSessions, type WrittenStep } from '../libsignal/stored-sessions.ts';
import type { DeviceLists, KnownDevice } from '../socket/device-lists.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import { transactionsUnderWay } from './transactions-under-way.ts';

type Relay = BaileysSocket['relayMessage'];
type Message = Parameters<Relay>[1];
type Options = Parameters<Relay>[2];

/** What a plain text consists of. */
const plainFields: ReadonlySet<string> = new Set(['conversation', 'extendedTextMessage', 'messageContextInfo']);

interface Recipient {
  readonly jid: string;
  /** Under which name its sessions are stored. */
  readonly session: string;
  /** One of our own devices: it is told where the message went. */
  readonly isOwn: boolean;
}

interface QuickSends {
  readonly auth: AuthState;
  readonly devices: DeviceLists;
}

/** A text on its way to one person. */
interface Letter {
  readonly jid: string;
  readonly id: string;
  readonly message: Message;
  readonly recipients: readonly Recipient[];
  /** Under which name the person's token is stored. */
  readonly tokenOf: string;
}

/**
 * Sends a text to one person whose devices and keys are known without Baileys' transaction: from the sessions in memory to those
 * after them is one step of the event loop, and what is written waits until they are on disk, as ever (`WriteGate`). The stanza is
 * that of Baileys' `relayMessage`. Everything else goes Baileys' road, and so does every text while a transaction is under
 * way: it may be about the same session.
 */
export const sendQuickly = (sock: BaileysSocket, parts: QuickSends): void => {
  const { relayMessage: relay, sendNode } = sock;
  const underWay = transactionsUnderWay(sock.authState.keys);
  sock.relayMessage = async (jid, message, options) => {
    if (!isPlain(message, options)) return relay(jid, message, options);
    await rememberNames(jid, parts.auth);
    const letter = letterOf(jid, message, options, parts);
    if (letter === null) return relay(jid, message, options);
    await remember(letter, parts.auth);
    const reporting = await reportingOf(letter);
    const content = underWay() > 0 ? null : await contentOf(letter, sock, parts.auth);
    if (content === null) return relay(jid, message, options);
    if (reporting) content.nodes.push(reporting);
    if (content.token) content.nodes.push({ tag: 'tctoken', attrs: {}, content: content.token });
    const attrs = { id: letter.id, to: jid, type: 'text' };
    await sendNode({ tag: 'message', attrs, content: content.nodes });
    sock.messageRetryManager?.addRecentMessage(jid, letter.id, message);
    return letter.id;
  };
};

const isPlain = (message: Message, options: Options): boolean => {
  const { messageId, participant, statusJidList, additionalAttributes = {}, additionalNodes = [] } = options;
  const isUsual = messageId && !participant && !statusJidList && options.useUserDevicesCache !== false;
  if (!isUsual || additionalNodes.length > 0 || Object.keys(additionalAttributes).length > 0) return false;
  return Object.keys(message).every((field) => plainFields.has(field));
};

/** Brings into memory under which other names ourselves and the person go, where these are numbers. */
const rememberNames = async (jid: string, auth: AuthState): Promise<void> => {
  const { user, server } = jidDecode(jid) ?? {};
  if (server !== 's.whatsapp.net') return;
  const unknown = [jidDecode(auth.creds.me?.id)?.user, user].flatMap((name) =>
    name && auth.known('lid-mapping', name) === undefined ? [name] : [],
  );
  if (unknown.length > 0) await auth.keys.get('lid-mapping', unknown);
};

/** Null for what does not go to one person whose devices are known. */
const letterOf = (jid: string, message: Message, { messageId: id }: Options, parts: QuickSends): Letter | null => {
  const recipients = id ? recipientsOf(jid, parts) : null;
  const tokenOf = recipients && tokenNameOf(jid, parts.auth);
  return id && tokenOf ? { jid, id, message, recipients, tokenOf } : null;
};

/** The devices of ourselves, but for this one, then those of the person. Null where not all of them are known. */
const recipientsOf = (jid: string, { auth, devices }: QuickSends): Recipient[] | null => {
  const { me } = auth.creds;
  const { user, server, device } = jidDecode(jid) ?? {};
  if (!me || !user || device !== undefined || (server !== 'lid' && server !== 's.whatsapp.net')) return null;
  const ourUser = jidDecode(server === 'lid' && me.lid ? me.lid : me.id)?.user;
  if (!ourUser || isMe(jid, me)) return null;
  const [ours, theirs] = [devices.get<readonly KnownDevice[]>(ourUser), devices.get<readonly KnownDevice[]>(user)];
  if (!ours || !theirs) return null;
  const recipients: Recipient[] = [];
  for (const known of [...ours, ...theirs]) {
    const to = jidEncode(known.user, known.server as 'lid', known.device);
    if (to === me.id || to === me.lid) continue;
    const session = sessionNameOf(to, auth);
    if (session === null) return null;
    recipients.push({ jid: to, session, isOwn: isMe(to, me) });
  }
  const own = recipients.filter(({ isOwn }) => isOwn);
  return own.length < recipients.length ? [...own, ...recipients.filter(({ isOwn }) => !isOwn)] : null;
};

/** `resolveTcTokenJid` of Baileys. */
const tokenNameOf = (jid: string, auth: AuthState): string | null => {
  const { user = '', server } = jidDecode(jid) ?? {};
  if (server === 'lid') return jid;
  const hidden = auth.known('lid-mapping', user);
  if (hidden === null) return jid;
  return typeof hidden === 'string' ? `${hidden}@lid` : null;
};

/** Brings into memory what the store knows. */
const remember = async ({ recipients, tokenOf }: Letter, auth: AuthState): Promise<void> => {
  const names = recipients.map(({ session }) => session).filter((name) => auth.known('session', name) === undefined);
  if (names.length > 0) await auth.keys.get('session', names);
  if (auth.known('tctoken', tokenOf) === undefined) await auth.keys.get('tctoken', [tokenOf]);
};

/** What the person may report the message by: over the message alone, where Baileys takes its random padding along. */
const reportingOf = async ({ id, jid, message }: Letter): Promise<BinaryNode | null> => {
  if (!message.messageContextInfo?.messageSecret) return null;
  return getMessageReportingToken(Buffer.from(proto.Message.encode(message).finish()), message, {
    id,
    fromMe: true,
    remoteJid: jid,
  });
};

interface Content {
  readonly nodes: BinaryNode[];
  /** Says that the person knows us. */
  readonly token: Uint8Array | undefined;
}

/** Encrypts, and stores what that changes, in one step; null, and nothing is changed, where something is unusual. */
const contentOf = async (letter: Letter, sock: BaileysSocket, auth: AuthState): Promise<Content | null> => {
  const token = tokenFor(letter, sock, auth);
  const steps = token === null ? null : stepsOf(letter, auth);
  if (token === null || steps === null) return null;
  const session = Object.fromEntries(steps.map(({ to, step }) => [to.session, step.sessions]));
  // It holds back what is written from now on.
  await auth.keys.set({ session } as unknown as SignalDataSet);
  const nodes: BinaryNode[] = [{ tag: 'participants', attrs: {}, content: steps.map(participantOf) }];
  const begins = steps.some(({ step }) => step.type === 'pkmsg');
  if (begins && auth.creds.account) {
    const content = encodeSignedDeviceIdentity(auth.creds.account, true);
    nodes.push({ tag: 'device-identity', attrs: {}, content });
  }
  return { nodes, token: token.bytes };
};

interface Sealed {
  readonly to: Recipient;
  readonly step: WrittenStep;
}

const participantOf = ({ to, step: { type, bytes } }: Sealed): BinaryNode => ({
  tag: 'to',
  attrs: { jid: to.jid },
  content: [{ tag: 'enc', attrs: { v: '2', type }, content: bytes }],
});

const stepsOf = ({ jid, message, recipients }: Letter, auth: AuthState): Sealed[] | null => {
  const context = message.messageContextInfo ? { messageContextInfo: message.messageContextInfo } : {};
  const told = { deviceSentMessage: { destinationJid: jid, message }, ...context };
  const theirs = proto.Message.encode(message).finish();
  const ours = recipients[0]?.isOwn ? proto.Message.encode(told).finish() : theirs;
  const us = ownIdentity(auth.creds);
  const sealed: Sealed[] = [];
  for (const to of recipients) {
    const known = auth.known('session', to.session);
    const step = known ? attempt(known as StoredSessions, writeRandomPadMax16(to.isOwn ? ours : theirs), us) : null;
    if (step === null) return null;
    sealed.push({ to, step });
  }
  return sealed;
};

/** What cannot be read is libsignal's to judge. */
const attempt = (...message: Parameters<typeof encrypted>): WrittenStep | null => {
  try {
    return encrypted(...message);
  } catch {
    return null;
  }
};

/** Null where Baileys has to do something about it: to forget an old one, or to give the person ours. */
const tokenFor = (
  { tokenOf }: Letter,
  { serverProps }: BaileysSocket,
  auth: AuthState,
): { readonly bytes: Uint8Array | undefined } | null => {
  const known = auth.known('tctoken', tokenOf) as StoredToken | null | undefined;
  if (!known || shouldSendNewTcToken(known.senderTimestamp)) return null;
  if (known.token.length === 0) return { bytes: undefined };
  if (isTcTokenExpired(known.timestamp)) return null;
  return { bytes: serverProps.privacyTokenOn1to1 ? known.token : undefined };
};

interface StoredToken {
  readonly token: Uint8Array;
  readonly timestamp?: string;
  readonly senderTimestamp?: number;
}
