import { jidDecode, jidNormalizedUser } from '@whiskeysockets/baileys';
import { notOnWhatsApp } from 'waha-runtime/engine';
import type { AuthState } from '../credentials/auth-state.ts';
import { Remembered } from '../credentials/remembered.ts';
import { chatIdOf, jidOf } from '../messages/ids.ts';
import { Recent } from '../recent.ts';
import type { BaileysSocket } from '../socket/socket.ts';

const REACHED = 2000;

type Sock = Pick<BaileysSocket, 'getUSyncDevices' | 'onWhatsApp'>;

/**
 * The number that an account has, for the number that somebody wrote down. In some countries they differ: Brazil's ninth digit,
 * Mexico's 1 behind 52, Argentina's 9 behind 54. WhatsApp takes messages for a number that nobody has, and they go nowhere: so
 * it is asked, and what it answers is remembered.
 */
export class PhoneNumbers {
  readonly #answers: Remembered<{ readonly jid: string }>;
  readonly #me: () => string | undefined;
  /** Who got something in this connection: nobody looks again. */
  readonly #reached = new Recent<true>(REACHED);

  constructor(auth: Pick<AuthState, 'keys'>, me: () => string | undefined) {
    this.#answers = new Remembered(auth, 'waha-phone-number');
    this.#me = me;
  }

  /** The jid that WhatsApp gave for this one before; else this one. */
  async known(jid: string): Promise<string> {
    return isNumber(jid) ? ((await this.#answers.get(chatIdOf(jid)))?.jid ?? jid) : jid;
  }

  /** A chat id of a request as a jid, under the number that WhatsApp is known to have it by. A bad one is a `BAD_REQUEST` that names `field`. */
  async jidOf(chatId: string, field = 'chatId'): Promise<string> {
    return this.known(jidOf(chatId, field));
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
    const jid = await this.known(wanted);
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

const isNumber = (jid: string): boolean => jid.endsWith('@s.whatsapp.net');
/** A device of this number, or of the hidden id behind it. */
const isTheirs = (device: string, jid: string): boolean =>
  jidDecode(device)?.user === jidDecode(jid)?.user || device.endsWith('lid');
