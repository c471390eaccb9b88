import { ProtocolAddress, SessionBuilder, SessionCipher, SessionRecord, type SignalStorage } from 'libsignal';
import type { KeyBundle } from '../wire/key-bundle.ts';
import { type KeyPair, keyPairOf, sign, withKeyType } from '../wire/keys.ts';

/** A Signal message: `pkmsg` opens a session, `msg` goes on in it. */
export interface Ciphertext {
  readonly type: 'pkmsg' | 'msg';
  readonly body: Buffer;
}

/** The sessions of a party by peer, and who is told that one of them changed. */
export interface SessionKeeper {
  readonly records: Map<string, SessionRecord>;
  changed(peer: string): void;
}

/** A session of libsignal. Its keys are never changed in place, only replaced. */
interface Session {
  currentRatchet: object;
  _chains: Record<string, { readonly chainKey: object; readonly messageKeys: object }>;
}

/** What libsignal's session record has and its type declaration leaves out. */
interface Sessions {
  readonly sessions: Record<string, Session & { indexInfo: { closed: number } }>;
  getSessions(): Session[];
}
interface RawCipher {
  doDecryptWhisperMessage(body: Buffer, session: object): Promise<Buffer>;
}

/** As many as Signal's own library archives. */
const MAX_CLOSED_SESSIONS = 40;
let parties = 0;

/**
 * One device that talks Signal: an identity, prekeys and its sessions. All its own keys follow from its name, so that it
 * is the same one in every process. libsignal queues its jobs by address string for the whole process, so each party
 * writes its own number into the addresses. Building one costs a signature (12 ms); keep it.
 */
export class SignalParty {
  readonly registrationId: number;
  readonly identity: KeyPair;
  readonly #label: string;
  readonly #signedPreKey: KeyPair;
  readonly #signature: Buffer;
  readonly #keeper: SessionKeeper;
  readonly #queues = new Map<string, Promise<unknown>>();
  readonly #name = `sandbox${++parties}-`;
  readonly #storage: SignalStorage;
  #nextPreKey = 1;

  constructor(name: string, keeper: SessionKeeper = { records: new Map(), changed: () => undefined }) {
    this.#label = `phone ${name}`;
    this.#keeper = keeper;
    this.identity = keyPairOf(this.#label);
    this.registrationId = 1 + (this.identity.public.readUInt16BE(0) % 16_379);
    this.#signedPreKey = keyPairOf(`${this.#label} signed`);
    this.#signature = sign(this.identity.private, withKeyType(this.#signedPreKey.public));
    this.#storage = this.#makeStorage();
  }

  /** A bundle for somebody who wants to write to this device. Each one carries its own one-time key. */
  bundle(): KeyBundle {
    const id = this.#nextPreKey++;
    const preKey = this.#preKey(id);
    const signedPreKey = { id: 1, value: this.#signedPreKey.public, signature: this.#signature };
    return {
      registrationId: this.registrationId,
      identity: this.identity.public,
      signedPreKey,
      preKey: { id, value: preKey.public },
    };
  }

  /** Whether a session with this device exists. */
  knows(peer: string): boolean {
    return this.#keeper.records.has(peer);
  }

  /** Starts a session as the one who writes first. An older one is kept for late messages. */
  start(peer: string, bundle: KeyBundle): Promise<void> {
    return this.#inTurn(peer, async (address) => {
      this.#closeOpenSession(peer);
      const { signedPreKey, preKey } = bundle;
      const session = {
        registrationId: bundle.registrationId,
        identityKey: withKeyType(bundle.identity),
        signedPreKey: {
          keyId: signedPreKey.id,
          publicKey: withKeyType(signedPreKey.value),
          signature: Buffer.from(signedPreKey.signature),
        },
        ...(preKey ? { preKey: { keyId: preKey.id, publicKey: withKeyType(preKey.value) } } : {}),
      };
      // libsignal goes without a one-time key when there is none; only its type declaration demands one.
      const initiate = session as Parameters<SessionBuilder['initOutgoing']>[0];
      await new SessionBuilder(this.#storage, address).initOutgoing(initiate);
    });
  }

  /** Encrypts for a device. Throws when no session was started. */
  encrypt(peer: string, plaintext: Uint8Array): Promise<Ciphertext> {
    return this.#inTurn(peer, async (address) => {
      const { type, body } = await new SessionCipher(this.#storage, address).encrypt(Buffer.from(plaintext));
      return { type: type === 3 ? 'pkmsg' : 'msg', body: Buffer.from(body as unknown as Uint8Array) };
    });
  }

  /** Decrypts what a device sent. Throws when no session fits: the caller asks for a retry. */
  decrypt(peer: string, message: Ciphertext): Promise<Buffer> {
    return this.#inTurn(peer, async (address) => {
      const cipher = new SessionCipher(this.#storage, address);
      if (message.type === 'msg') return this.#decryptInSession(cipher, peer, message.body);
      const record = this.#keeper.records.get(peer) as unknown as Sessions | undefined;
      const baseKey = baseKeyOf(message.body);
      if (record && !(baseKey && record.sessions[baseKey.toString('base64')])) this.#closeOpenSession(peer);
      return cipher.decryptPreKeyWhisperMessage(message.body);
    });
  }

  /** Loses the session with a device, as a phone that was restored from an old backup would. */
  forget(peer: string): void {
    this.#keeper.records.delete(peer);
    this.#keeper.changed(peer);
  }

  /**
   * Tries every session. libsignal's own loop prints each failure on the console, stack and all, and leaves a session turned that the
   * message was not of; a phone tries a copy.
   */
  async #decryptInSession(cipher: SessionCipher, peer: string, body: Buffer): Promise<Buffer> {
    const record = this.#keeper.records.get(peer) as unknown as Sessions | undefined;
    let cause: unknown = new Error('no session with this device');
    for (const session of record?.getSessions() ?? []) {
      const before = stateOf(session);
      try {
        return await (cipher as unknown as RawCipher).doDecryptWhisperMessage(body, session);
      } catch (error) {
        Object.assign(session, before);
        cause = error;
      }
    }
    throw cause;
  }

  /** Closes the open session the quiet way: libsignal prints a session with its private keys when it closes one. */
  #closeOpenSession(peer: string): void {
    const record = this.#keeper.records.get(peer) as unknown as Sessions | undefined;
    const entries = Object.entries(record?.sessions ?? {});
    for (const [, session] of entries) if (session.indexInfo.closed === -1) session.indexInfo.closed = Date.now();
    const surplus = entries.slice(0, Math.max(0, entries.length - MAX_CLOSED_SESSIONS));
    for (const [baseKey] of surplus) delete record?.sessions[baseKey];
  }

  #address(peer: string): ProtocolAddress {
    const [user = '', device = '0'] = peer.split(':');
    return new ProtocolAddress(`${this.#name}${user}`, Number(device));
  }

  /** The peer of an address as libsignal writes it: `sandbox1-5511….0`. */
  #peer(address: string): string {
    return address.slice(this.#name.length).replace('.', ':');
  }

  /** Made when asked for, at any time: the same number gives the same key. */
  #preKey(id: number): KeyPair {
    return keyPairOf(`${this.#label} ${id}`);
  }

  /** One job at a time per peer: a ratchet must not be turned by two hands. */
  #inTurn<T>(peer: string, job: (address: ProtocolAddress) => Promise<T>): Promise<T> {
    const address = this.#address(peer);
    const previous = this.#queues.get(peer) ?? Promise.resolve();
    const turn = previous.then(
      () => job(address),
      () => job(address),
    );
    this.#queues.set(peer, turn);
    const leave = (): void => {
      this.#keeper.changed(peer);
      if (this.#queues.get(peer) === turn) this.#queues.delete(peer);
    };
    turn.then(leave, leave);
    return turn;
  }

  #makeStorage(): SignalStorage {
    const pair = (keys: KeyPair) => ({ pubKey: withKeyType(keys.public), privKey: keys.private });
    const identity = pair(this.identity);
    const signedPreKey = pair(this.#signedPreKey);
    return {
      loadSession: async (id) => this.#keeper.records.get(this.#peer(id)),
      storeSession: async (id, record) => void this.#keeper.records.set(this.#peer(id), record),
      isTrustedIdentity: () => true,
      loadPreKey: async (id) => pair(this.#preKey(Number(id))),
      removePreKey: () => undefined,
      loadSignedPreKey: () => signedPreKey,
      getOurRegistrationId: () => this.registrationId,
      getOurIdentity: () => identity,
    };
  }
}

/** What reading a message changes. */
const stateOf = ({ currentRatchet, _chains }: Session) => ({
  currentRatchet: { ...currentRatchet },
  _chains: Object.fromEntries(
    Object.entries(_chains).map(([name, chain]) => [
      name,
      { ...chain, chainKey: { ...chain.chainKey }, messageKeys: { ...chain.messageKeys } },
    ]),
  ),
});

/** `PreKeyWhisperMessage.baseKey` (protobuf field 2) of a version byte and a message. */
function baseKeyOf(body: Buffer): Buffer | undefined {
  for (let at = 1; at < body.length; ) {
    const tag = body[at++] ?? 0;
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = body[at++] ?? 0;
      length |= (byte & 0x7f) << shift;
      if (!(byte & 0x80)) break;
    }
    if ((tag & 7) !== 2) continue;
    if (tag >> 3 === 2) return body.subarray(at, at + length);
    at += length;
  }
  return undefined;
}
