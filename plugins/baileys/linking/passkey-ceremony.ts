import { randomBytes } from 'node:crypto';
import { type BinaryNode, getBinaryNodeChildBuffer } from '@whiskeysockets/baileys';
import {
  compile,
  isRuntimeError,
  type PasskeyAssertionRequest,
  PasskeyChallenge,
  sentence,
  unprocessable,
} from 'waha-runtime';
import type { EngineSignal, PasskeyCeremony } from 'waha-runtime/engine';
import type { AuthState } from '../credentials/auth-state.ts';
import type { Requests } from '../socket/requests.ts';
import { askServer } from '../socket/server-queries.ts';
import { checkedAssertion } from './assertion.ts';
import {
  type Commitment,
  commit,
  confirmationCode,
  handoffKey,
  handoffProof,
  type PrimaryIdentity,
  primaryIdentity,
  sealedRequest,
} from './shortcake.ts';

const CHALLENGE_MS = 600_000;
/** So long the secret that was scanned may be proved, once. */
const HANDOFF_MS = 300_000;
const SITE = 'whatsapp.com';

export interface CeremonyOptions {
  readonly auth: Pick<AuthState, 'creds' | 'linked'>;
  readonly requests: Requests;
  readonly timeoutMs: number;
  /** The registered type of this device. */
  readonly deviceType: number;
  /** The user always compares the codes, not only when the secret could not be proved. */
  readonly alwaysConfirm: boolean;
  now(): number;
  signal(signal: EngineSignal): void;
}

const challengeOf = compile(PasskeyChallenge);

/**
 * Our half of a linking by passkey (docs/protocol.md, "Passkeys"). It sends nothing out of order: WhatsApp is said to ban
 * accounts for that.
 */
export class Ceremony implements PasskeyCeremony {
  challenge: PasskeyChallenge = noChallenge;
  readonly #with: CeremonyOptions;
  readonly #startedAt: number;
  #handoffKey: Buffer | null;
  #commitment: Commitment | null = null;
  #primary: PrimaryIdentity | null = null;
  #confirmed: Promise<void> | null = null;
  #isProved = false;
  #isOver = false;

  /** Takes the secret that was scanned, and puts a new one in its place. */
  constructor(options: CeremonyOptions) {
    this.#with = options;
    this.#startedAt = options.now();
    const { creds } = options.auth;
    this.#handoffKey = handoffKey(Buffer.from(creds.advSecretKey, 'base64'));
    creds.advSecretKey = randomBytes(32).toString('base64');
  }

  /** Nothing is sent or signalled any more, and its secrets are gone. */
  end(): void {
    this.#isOver = true;
    this.#handoffKey = null;
    this.#commitment = null;
    this.#primary = null;
  }

  /** Reads the challenge, or asks for it, and hands it out. */
  async begin(request: BinaryNode): Promise<void> {
    await this.#step(async () => {
      const inside = getBinaryNodeChildBuffer(request, 'passkey_request_options');
      const bytes =
        inside ??
        getBinaryNodeChildBuffer(await this.#ask('get', 'passkey_request_options'), 'passkey_request_options');
      this.challenge = readChallenge(bytes as Uint8Array | undefined);
      const life = Math.min(this.challenge.timeout, CHALLENGE_MS);
      this.#signal({ type: 'engine.passkey', ceremony: this, expiresAt: this.#startedAt + life });
    }).catch(() => undefined);
  }

  async answer(assertion: PasskeyAssertionRequest): Promise<void> {
    if (this.#isOver) throw unprocessable('WhatsApp does not wait for this challenge any more');
    if (this.#commitment) throw unprocessable('the challenge is being answered');
    const checked = checkedAssertion(assertion, this.challenge);
    const { deviceType, now } = this.#with;
    // Until the reference is there: a second answer must not begin.
    this.#commitment = commit(deviceType, '');
    await this.#step(async () => {
      const ref = getBinaryNodeChildBuffer(await this.#ask('get', 'ref'), 'ref');
      if (ref === undefined) throw unprocessable('WhatsApp gave no reference');
      this.#commitment = commit(deviceType, Buffer.from(ref as Uint8Array).toString('utf8'));
      const { payload } = this.#commitment;
      const content = [
        node('credential_id', Buffer.from(checked.rawId, 'base64url')),
        node('webauthn_assertion', Buffer.from(JSON.stringify(checked))),
        node('prologue_payload', payload),
      ];
      this.#isProved = this.#handoffKey !== null && now() - this.#startedAt <= HANDOFF_MS;
      if (this.#isProved && this.#handoffKey)
        content.push(node('pairing_handoff_proof', handoffProof(this.#handoffKey, payload)));
      this.#handoffKey = null;
      await this.#ask('set', 'passkey_prologue', content);
      this.#signal({ type: 'engine.passkey.answered' });
    });
  }

  /** The phone goes on. Without an answer of ours it is not heard. */
  async proceed(continuation: BinaryNode): Promise<void> {
    const commitment = this.#commitment;
    if (!commitment?.ref || this.#primary) return;
    await this.#step(async () => {
      const bytes = getBinaryNodeChildBuffer(continuation, 'primary_ephemeral_identity') as Uint8Array | undefined;
      this.#primary = bytes === undefined ? null : primaryIdentity(bytes);
      if (!this.#primary) throw unprocessable('what the phone sent cannot be read');
      const code = confirmationCode(commitment, this.#primary);
      await this.#ask('set', 'companion_nonce', commitment.nonce);
      this.#signal({ type: 'engine.passkey.code', code });
      if (this.#isProved && !this.#with.alwaysConfirm) await this.confirm();
    }).catch(() => undefined);
  }

  confirm(): Promise<void> {
    this.#confirmed ??= this.#step(() => this.#sendKeys());
    return this.#confirmed;
  }

  async #sendKeys(): Promise<void> {
    const [commitment, primary] = [this.#commitment, this.#primary];
    if (!commitment || !primary) throw unprocessable('there is no code to confirm');
    const { creds } = this.#with.auth;
    const request = {
      companionPublicKey: creds.noiseKey.public,
      companionIdentityKey: creds.signedIdentityKey.public,
      advSecret: Buffer.from(creds.advSecretKey, 'base64'),
    };
    await this.#ask('set', 'encrypted_pairing_request', sealedRequest(commitment, primary, request));
    this.#signal({ type: 'engine.passkey.confirmed' });
  }

  /** One step; a failure ends the ceremony, unless the connection is what failed: its end says so itself. */
  async #step(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isRuntimeError(error, 'CONNECTION_LOST')) {
        const reason = isRuntimeError(error, 'UNAVAILABLE') ? 'passkey_timeout' : 'passkey_refused';
        this.#signal({ type: 'engine.passkey.ended', reason, message: sentence(error) });
      }
      this.end();
      throw error;
    }
  }

  async #ask(type: 'get' | 'set', tag: string, content?: BinaryNode[] | Uint8Array): Promise<BinaryNode> {
    if (this.#isOver) throw unprocessable('this linking by passkey is over');
    const { requests, timeoutMs } = this.#with;
    return requests.call('the passkey', (sock) =>
      askServer(sock, { xmlns: 'md', type }, node(tag, content), timeoutMs),
    );
  }

  #signal(signal: EngineSignal): void {
    if (!this.#isOver) this.#with.signal(signal);
  }
}

const noChallenge: PasskeyChallenge = {
  ...{ challenge: '', timeout: CHALLENGE_MS, rpId: SITE },
  ...{ allowCredentials: [], userVerification: 'required' },
};

const readChallenge = (bytes: Uint8Array | undefined): PasskeyChallenge => {
  const fault = unprocessable('what WhatsApp asks for cannot be read');
  if (bytes === undefined) throw fault;
  let options: object;
  try {
    options = JSON.parse(Buffer.from(bytes).toString('utf8')) as object;
  } catch {
    throw fault;
  }
  const checked = challengeOf({ ...noChallenge, ...options });
  // A challenge for another site would have the user sign in there.
  if (!checked.ok || checked.value.challenge === '' || checked.value.rpId !== SITE) throw fault;
  return checked.value;
};

const node = (tag: string, content?: BinaryNode[] | Uint8Array): BinaryNode =>
  content === undefined ? { tag, attrs: {} } : { tag, attrs: {}, content };
