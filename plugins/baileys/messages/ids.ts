import { isJidGroup, isJidNewsletter, jidDecode } from '@whiskeysockets/baileys';
import { badRequest, phoneDigits } from 'waha-runtime';

/** A message id taken apart: WAHA's full form, or only WhatsApp's own. */
export interface MessageRef {
  readonly id: string;
  readonly fromMe?: boolean;
  /** In WAHA's form. */
  readonly chatId?: string;
  /** In WAHA's form. */
  readonly participant?: string;
  /** Of a post in a channel: the server's number of it. */
  readonly serverId?: string;
}

/** What of a Baileys key makes an id. */
export interface MessageKeyLike {
  readonly id?: string | null | undefined;
  readonly remoteJid?: string | null | undefined;
  readonly fromMe?: boolean | null | undefined;
  readonly participant?: string | null | undefined;
}

/** The chat of all statuses. */
export const STATUS = 'status@broadcast';
const patterns = {
  /** As E.164 has them. */
  phone: /^[1-9]\d{4,14}$/,
  /** With the account of WhatsApp itself, and others that are no telephone's. */
  person: /^(?:0|[1-9]\d{0,14})$/,
  lid: /^\d{1,25}$/,
  group: /^\d{5,30}(-\d{5,20})?$/,
  newsletter: /^\d{3,30}$/,
  /** Without an underscore: what follows one is no part of the name. */
  other: /^[a-z\d.-]{1,64}$/i,
  /** Lower-case letters, digits, dots and underscores, with a letter among them; people write an @ before it. */
  username: /^@?((?=[\d._]{0,34}[a-z])[a-z0-9._]{3,35})$/i,
};

/** No name of anybody: what programs write where they have no value, and ids of which the number is missing. */
const noNames = new Set([
  ...['undefined', 'null', 'nan', 'none', 'nil', 'true', 'false', 'all', 'object', 'string', 'text'],
  ...['lid', 'c.us', 'g.us', 's.whatsapp.net', 'newsletter', 'broadcast', 'status', 'hosted', 'hosted.lid'],
]);
/** Stands for a username until it is known whose it is; WhatsApp has no such server. */
const USERNAME = '@username';

/** The username in a jid that {@link jidOf} made of one; null in any other. */
export const usernameIn = (jid: string): string | null =>
  jid.endsWith(USERNAME) ? jid.slice(0, -USERNAME.length) : null;

/** Who else writes, and what else the protocol names: events name them, so whoever read an event may ask about them. */
const others = new Set(['bot', 'broadcast', 'call', 'interop', 'msgr']);

/** Baileys' jid in WAHA's form: without the device, people as `@c.us`. */
export const chatIdOf = (jid: string): string => {
  const username = usernameIn(jid);
  if (username !== null) return username;
  const decoded = jidDecode(jid);
  if (!decoded) return jid;
  const server = decoded.server === 'hosted.lid' ? 'lid' : decoded.server;
  const person = server === 's.whatsapp.net' || server === 'c.us' || server === 'hosted';
  return `${decoded.user}@${person ? 'c.us' : server}`;
};

/** A chat id in any accepted form as Baileys' jid; one of a username is looked up later (`PhoneNumbers`). A bad one is a `BAD_REQUEST` that names `field`. */
export const jidOf = (chatId: string, field = 'chatId'): string => {
  const text = chatId.trim();
  if (text === STATUS) return STATUS;
  const [, username] = patterns.username.exec(text) ?? [];
  if (username && !noNames.has(username.toLowerCase())) return `${username.toLowerCase()}${USERNAME}`;
  const [user = '', server, ...rest] = text.split('@');
  if (rest.length > 0) throw badId(field);
  const digits = user.split(':', 1)[0]?.replace(/^\+/, '') ?? '';
  switch (server) {
    case undefined:
      return checked(patterns.phone, digits.replace(/[\s()-]/g, ''), 's.whatsapp.net', field);
    case 'c.us':
    case 's.whatsapp.net':
    // An account of the cloud API, by its number, and by its hidden id.
    case 'hosted':
      return checked(patterns.person, digits, 's.whatsapp.net', field);
    case 'lid':
    case 'hosted.lid':
      return checked(patterns.lid, digits, 'lid', field);
    case 'g.us':
      return checked(patterns.group, user, 'g.us', field);
    case 'newsletter':
      return checked(patterns.newsletter, user, 'newsletter', field);
    default:
      if (others.has(server)) return checked(patterns.other, user.split(':', 1)[0] ?? '', server, field);
      throw badId(field);
  }
};

/** A phone number as digits. */
export const digitsOf = (text: string, field = 'phoneNumber'): string => {
  const digits = phoneDigits(text);
  if (digits === null) throw badRequest(`${field} must be a phone number with its country code`);
  return digits;
};

/**
 * WAHA's id of a message: `{fromMe}_{chatId}_{ID}`, in groups with `_{participant}`. Our own messages in a group carry
 * `me`, so that the answer to a send and its acks have one id.
 */
export const messageIdOf = (key: MessageKeyLike, me: string | undefined): string => {
  const chatId = chatIdOf(key.remoteJid ?? '');
  const head = `${key.fromMe === true}_${chatId}_${key.id ?? ''}`;
  const author = isMany(chatId) ? (key.fromMe ? me : key.participant && chatIdOf(key.participant)) : undefined;
  return author ? `${head}_${author}` : head;
};

/** Reads a message id in either form. A bad one is a `BAD_REQUEST` that names `field`. */
export const readMessageId = (text: string, field: string): MessageRef => {
  if (/^[0-9A-Za-z.-]{1,128}$/.test(text)) return { id: text };
  const [fromMe, chatId, id, participant, ...rest] = text.split('_');
  const whole = (fromMe === 'true' || fromMe === 'false') && chatId && id && rest.length === 0;
  if (!whole) throw badRequest(`${field} must look like false_11111111111@c.us_3EB0..., or be the last part of it`);
  const chat = chatIdOf(jidOf(chatId, field));
  if (chat.endsWith('@newsletter')) return { ...postNamed(id, participant), fromMe: fromMe === 'true', chatId: chat };
  const author = participant ? { participant: chatIdOf(jidOf(participant, field)) } : {};
  return { id, fromMe: fromMe === 'true', chatId: chat, ...author };
};

/** A post of a channel is named by the server's number of it, by its own id, or by both. */
const postNamed = (first: string, second: string | undefined): Pick<MessageRef, 'id' | 'serverId'> => {
  if (second) return { id: second, serverId: first };
  return /^\d{1,12}$/.test(first) ? { id: first, serverId: first } : { id: first };
};

/** A chat in which several people write. */
export const isMany = (chatId: string): boolean =>
  isJidGroup(chatId) === true || chatId === STATUS || chatId.endsWith('@broadcast');

/** What a session's `ignore` config calls a chat. */
export const kindOfChat = (jid: string): 'status' | 'groups' | 'channels' | 'broadcast' | 'person' => {
  if (jid === STATUS) return 'status';
  if (isJidGroup(jid)) return 'groups';
  if (isJidNewsletter(jid)) return 'channels';
  return jid.endsWith('@broadcast') ? 'broadcast' : 'person';
};

const checked = (pattern: RegExp, user: string, server: string, field: string): string => {
  if (!pattern.test(user)) throw badId(field);
  return `${user}@${server}`;
};

const badId = (field: string) =>
  badRequest(
    `${field} must be a phone number, <number>@c.us, <id>@g.us, <id>@lid, <id>@newsletter, a username or ${STATUS}`,
  );
