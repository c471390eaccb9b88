import { type BinaryNode, getBinaryNodeChild } from '@whiskeysockets/baileys';
import { badRequest, type Log, sentence, tooManyRequests, unprocessable } from 'waha-runtime';
import type { Pairing, PairingCode } from 'waha-runtime/engine';
import type { AuthState } from '../credentials/auth-state.ts';
import { digitsOf } from '../messages/ids.ts';
import type { Requests } from '../socket/requests.ts';
import { askServer } from '../socket/server-queries.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import { type Browser, companionHello, newCodeKeys, refIn } from './companion-hello.ts';
import { onServerNotice } from './server-notices.ts';

/** How long WhatsApp takes a code, counted from before it was asked to. */
const LIFETIME_MS = 180_000;
/** So often a connection asks for another code by itself: WhatsApp locks accounts out that ask too often. */
const MOST_RENEWALS = 3;

/** Baileys' name for a query that was refused. */
const REFUSAL = 'CB:iq,type:error';

export interface PairingCodesOptions {
  readonly sock: BaileysSocket;
  readonly auth: Pick<AuthState, 'creds' | 'linked'>;
  readonly requests: Requests;
  readonly browser: Browser;
  readonly timeoutMs: number;
  /** How long the phone may say nothing after a code was typed: one that cannot open what we sent does not tell us. */
  readonly silenceMs: number;
  readonly log: Log;
  now(): number;
  /** Whether a linking by passkey has begun on this connection: WhatsApp must be asked for nothing beside it. */
  isTaken(): boolean;
  /** The live code was replaced, or (null) is not valid any more. */
  changed(code: PairingCode | null): void;
}

interface LiveCode {
  readonly ref: string;
  readonly digits: string;
}

/** Linking by a code that is typed into the phone. One code lives at a time: WhatsApp knows a client by the account's number. */
export class PairingCodes implements Pairing {
  readonly #with: PairingCodesOptions;
  #live: LiveCode | null = null;
  #renewals = 0;
  #silence: NodeJS.Timeout | undefined;
  /** WhatsApp has taken what followed from a typed code: now the phone is waited for. */
  #isAccepted = false;
  /** The secret before the code was typed; null while none is being taken. */
  #secret: string | null = null;
  /** When WhatsApp may be asked again, after it has refused and said so. */
  #freeFrom = 0;
  /** What waits until a typed code was taken or refused. */
  #waiting: (() => void) | undefined;

  constructor(options: PairingCodesOptions) {
    this.#with = options;
    const { sock, auth } = options;
    // Before Baileys, which derives the new secret in its own listener: theirs is asynchronous, this one is not.
    onServerNotice(sock, auth, 'link_code_companion_reg', (stanza) => this.#told(stanza));
    sock.ws.on(REFUSAL, () => this.#refused());
    sock.ws.on('CB:iq,type:result', () => this.#accepted());
  }

  async requestCode(phoneNumber: string): Promise<PairingCode> {
    const digits = digitsOf(phoneNumber);
    if (!/^[1-9]\d{6,14}$/.test(digits)) throw badRequest('phoneNumber must be 7 to 15 digits with the country code');
    this.#renewals = 0;
    return this.#request(digits);
  }

  /** Does it now, or, while a typed code is being taken, once that has failed: its proof is made with the secret. */
  whenFree(action: () => void): void {
    if (this.#secret === null) action();
    else this.#waiting = action;
  }

  /** What was typed has led to something, or the connection is over. */
  settled(): void {
    clearTimeout(this.#silence);
    this.#secret = null;
    this.#isAccepted = false;
    this.#waiting = undefined;
    this.#live = null;
  }

  async #request(digits: string): Promise<PairingCode> {
    const { auth, browser, now } = this.#with;
    const { creds } = auth;
    const startedAt = now();
    this.#refuseTaken();
    if (startedAt < this.#freeFrom) throw tooOften(Math.ceil((this.#freeFrom - startedAt) / 1000));
    const keys = newCodeKeys(digits);
    const hello = await companionHello(keys, creds.noiseKey.public, browser);
    const answer = await this.#ask(hello);
    this.#refuseTaken();
    // Baileys finishes the exchange with these. A request that was refused leaves the former code as it was.
    Object.assign(creds, { pairingCode: keys.code, pairingEphemeralKeyPair: keys.ephemeral });
    creds.me = { id: keys.jid, name: '~' };
    this.#live = { ref: refIn(answer), digits };
    return { code: `${keys.code.slice(0, 4)}-${keys.code.slice(4)}`, expiresAt: startedAt + LIFETIME_MS };
  }

  #refuseTaken(): void {
    if (this.#with.isTaken())
      throw unprocessable('a linking by passkey is under way: there is no pairing code meanwhile');
  }

  /** Baileys keeps only the number of a refusal; how long WhatsApp wants to hear nothing more stands beside it. */
  async #ask(hello: BinaryNode): Promise<BinaryNode> {
    const { sock, requests, timeoutMs, now } = this.#with;
    const id = sock.generateMessageTag();
    let pause: number | undefined;
    const listen = (stanza: BinaryNode): void => {
      if (stanza.attrs['id'] === id) pause = pauseIn(stanza);
    };
    sock.ws.on(REFUSAL, listen);
    try {
      return await requests.call('the pairing code', () =>
        askServer(sock, { xmlns: 'md', type: 'set', id }, hello, timeoutMs),
      );
    } catch (error) {
      if (pause === undefined) throw error;
      this.#freeFrom = now() + pause * 1000;
      throw tooOften(pause);
    } finally {
      sock.ws.off(REFUSAL, listen);
    }
  }

  #told(stanza: BinaryNode): void {
    const child = getBinaryNodeChild(stanza, 'link_code_companion_reg');
    const { stage, force_manual_refresh: forced } = child?.attrs ?? {};
    const live = this.#live;
    if (live === null || refIn(stanza) !== live.ref) return;
    if (stage === 'refresh_code') this.#dead(forced !== 'true');
    if (stage === 'primary_hello') this.#typed();
  }

  #typed(): void {
    this.#secret ??= this.#with.auth.creds.advSecretKey;
    this.#waitFor(this.#with.timeoutMs);
  }

  /**
   * Baileys has derived the new secret, and WhatsApp has taken what followed from it. Once: the results that come later are of
   * pings, and must not put the end of the waiting off.
   */
  #accepted(): void {
    if (this.#isAccepted || this.#secret === null || this.#secret === this.#with.auth.creds.advSecretKey) return;
    this.#isAccepted = true;
    this.#waitFor(this.#with.silenceMs);
  }

  #waitFor(milliseconds: number): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#over(true), milliseconds);
  }

  /** WhatsApp has refused what we sent after a code was typed: that is final. */
  #refused(): void {
    if (this.#secret !== null) this.#over(false);
  }

  /** The QR codes are still made with the secret of before. */
  #over(renew: boolean): void {
    clearTimeout(this.#silence);
    if (this.#secret !== null) this.#with.auth.creds.advSecretKey = this.#secret;
    this.#secret = null;
    this.#isAccepted = false;
    this.#waiting?.();
    this.#waiting = undefined;
    this.#dead(renew);
  }

  #dead(renew: boolean): void {
    const live = this.#live;
    if (live === null) return;
    this.#live = null;
    const { changed, log } = this.#with;
    if (!renew || this.#renewals >= MOST_RENEWALS) {
      changed(null);
      return;
    }
    this.#renewals++;
    this.#request(live.digits).then(changed, (error) => {
      log.warn(`WhatsApp gave no other pairing code: ${sentence(error)}`);
      changed(null);
    });
  }
}

/** WhatsApp's code for too many requests. */
const TOO_MANY = '429';
/** How long nobody asks when it does not say (seconds). */
const USUAL_PAUSE = 60;
/** Nothing that a server says makes it longer (seconds): a day. */
const LONGEST_PAUSE = 24 * 60 * 60;

/** For how many seconds a refusal wants no other request; undefined where it says nothing of the kind. */
const pauseIn = (stanza: BinaryNode): number | undefined => {
  const { code, backoff } = getBinaryNodeChild(stanza, 'error')?.attrs ?? {};
  const seconds = Number(backoff);
  if (Number.isSafeInteger(seconds) && seconds > 0) return Math.min(seconds, LONGEST_PAUSE);
  return code === TOO_MANY ? USUAL_PAUSE : undefined;
};

const tooOften = (seconds: number) =>
  tooManyRequests(`WhatsApp gives this account no pairing code for ${seconds} s`, seconds);
