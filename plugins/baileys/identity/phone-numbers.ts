import { jidDecode, jidNormalizedUser } from '@whiskeysockets/baileys';
import { unprocessable } from 'waha-runtime';
import { notOnWhatsApp } from 'waha-runtime/engine';
import type { AuthState } from '../credentials/auth-state.ts';
import { Remembered } from '../credentials/remembered.ts';
import { chatIdOf, jidOf, STATUS, usernameIn } from '../messages/ids.ts';
import { Recent } from '../recent.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import { findContacts } from '../socket/user-sync.ts';
import type { Usernames } from './usernames.ts';

const REACHED = 2000;

type Sock = Pick<BaileysSocket, 'getUSyncDevices' | 'onWhatsApp' | 'executeUSyncQuery'>;

/**
 * The number that an account has, for the number that somebody wrote down. In some countries they differ: Brazil's ninth digit,
 * Mexico's 1 behind 52, Argentina's 9 behind 54. WhatsApp takes messages for a number that nobody has, and they go nowhere: so
 * it is asked, and what it answers is remembered. A username stands for an account in the same way.
 */
export class PhoneNumbers {
  readonly #answers: Remembered<{ readonly jid: string }>;
  readonly #me: () => string | undefined;
  readonly usernames: Usernames;
  /** Who got something in this connection: nobody looks again. */
  readonly #reached = new Recent<true>(REACHED);

  constructor(auth: Pick<AuthState, 'keys'>, me: () => string | undefined, usernames: Usernames) {
    this.usernames = usernames;
    this.#answers = new Remembered(auth, 'waha-phone-number');
    this.#me = me;
  }

  /** The jid that WhatsApp gave for this one before; else this one. Whom a username belongs to is asked; `NOT_ON_WHATSAPP` when to nobody. */
  async known(jid: string, field = 'chatId'): Promise<string> {
    const username = usernameIn(jid);
    if (username !== null) return this.usernames.jidOf(username, field);
    return isNumber(jid) ? ((await this.#answers.get(chatIdOf(jid)))?.jid ?? jid) : jid;
  }

  /** A chat id of a request as a jid, under the number that WhatsApp is known to have it by. A bad one is a `BAD_REQUEST` that names `field`. */
  async jidOf(chatId: string, field = 'chatId'): Promise<string> {
    return this.known(jidOf(chatId, field), field);
  }

  /** The same in the form of events and of the store. */
  async idOf(chatId: string, field = 'chatId'): Promise<string> {
    return chatIdOf(await this.jidOf(chatId, field));
  }

  /**
   * The jid to send to. Rejects with `NOT_ON_WHATSAPP` when nobody is there. The devices are looked up for sending anyway, and
   * kept; only when there are none, or those of somebody else, is WhatsApp asked about the number.
   */
  async reach(sock: Sock, wanted: string): Promise<string> {
    const username = usernameIn(wanted);
    const jid = username === null ? await this.known(wanted) : await this.usernames.find(username, 'chatId');
    if (isUnwritable(jid)) throw unprocessable(`chatId: linked devices cannot write to '${chatIdOf(jid)}'`);
    if (!isNumber(jid) || jid === jidNormalizedUser(this.#me() ?? '') || this.#reached.has(jid)) return jid;
    const devices = await sock.getUSyncDevices([jid], true, false);
    if (devices.some((device) => isTheirs(device.jid, jid))) return this.#reach(jid);
    // Who is not there is left out of the answer.
    const found = await sock.onWhatsApp(jid);
    if (!found) return jid;
    const account = found.find(({ exists }) => exists);
    if (!account) throw notOnWhatsApp('chatId', chatIdOf(wanted));
    this.learn(wanted, account.jid);
    return this.#reach(isNumber(account.jid) ? jidNormalizedUser(account.jid) : jid);
  }

  /**
   * The same for several people at once, in one question about those of whom nothing is known yet. Who is not there stays as named:
   * the answer to what is done says so of each.
   */
  async reachAll(sock: Sock, people: readonly string[], field: (index: number) => string): Promise<string[]> {
    const known = await Promise.all(people.map((jid, index) => this.known(jid, field(index))));
    const isNew = (jid: string) =>
      isNumber(jid) && jid !== jidNormalizedUser(this.#me() ?? '') && !this.#reached.has(jid);
    const asked = [...new Set(known.filter(isNew))].map((jid) => ({ phone: jidDecode(jid)?.user ?? '' }));
    const found = new Map((await findContacts(sock, asked)).map(({ asked: phone, jid }) => [phone, jid]));
    const reached = known.map((jid) => {
      const answer = isNumber(jid) ? found.get(jidDecode(jid)?.user ?? '') : undefined;
      if (!answer) return jid;
      this.learn(jid, answer);
      return this.#reach(isNumber(answer) ? jidNormalizedUser(answer) : jid);
    });
    return [...new Set(reached)];
  }

  /** WhatsApp answered so. */
  learn(asked: string, answer: string): void {
    const jid = jidNormalizedUser(answer);
    if (isNumber(asked) && isNumber(jid) && jid !== asked) this.#answers.set(chatIdOf(asked), { jid });
  }

  #reach(jid: string): string {
    this.#reached.set(jid, true);
    return jid;
  }
}

/** Lists of recipients are the phone's own, calls are none to write to, and other services are reached by the phone only. */
const isUnwritable = (jid: string): boolean => jid !== STATUS && /@(broadcast|call|interop|msgr)$/.test(jid);

const isNumber = (jid: string): boolean => jid.endsWith('@s.whatsapp.net');
/** A device of this number, or of the hidden id behind it. */
const isTheirs = (device: string, jid: string): boolean =>
  jidDecode(device)?.user === jidDecode(jid)?.user || device.endsWith('lid');
