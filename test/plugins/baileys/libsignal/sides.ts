import { createRequire } from 'node:module';
import type { StoredSessions } from '../../../../plugins/baileys/libsignal/stored-sessions.ts';

interface KeyPair {
  readonly pubKey: Buffer;
  readonly privKey: Buffer;
}
interface Record {
  serialize(): StoredSessions;
}
interface Cipher {
  encrypt(data: Buffer): Promise<{ type: number; body: string | Buffer }>;
  decryptWhisperMessage(data: Buffer): Promise<Buffer>;
  decryptPreKeyWhisperMessage(data: Buffer): Promise<Buffer>;
}

const ofBaileys = createRequire(createRequire(import.meta.url).resolve('@whiskeysockets/baileys'));
const libsignal = ofBaileys('libsignal') as {
  readonly curve: { generateKeyPair(): KeyPair; calculateSignature(key: Buffer, data: Buffer): Buffer };
  readonly ProtocolAddress: new (name: string, device: number) => object;
  readonly SessionBuilder: new (store: object, address: object) => { initOutgoing(device: object): Promise<void> };
  readonly SessionCipher: new (store: object, address: object) => Cipher;
  readonly SessionRecord: { deserialize(stored: StoredSessions): Record };
};
const { curve, ProtocolAddress, SessionBuilder, SessionRecord } = libsignal;
export const { SessionCipher } = libsignal;

/** As it comes back from a disk. */
export const copied = (sessions: StoredSessions): StoredSessions =>
  JSON.parse(JSON.stringify(sessions)) as StoredSessions;

/** One side of a talk over Baileys' own libsignal, with the sessions with the other one in the form in which they are stored. */
export class Side {
  readonly identity = curve.generateKeyPair();
  readonly signed = curve.generateKeyPair();
  readonly oneTime = curve.generateKeyPair();
  readonly registrationId: number;
  stored: StoredSessions | null = null;

  readonly #cipherClass: typeof SessionCipher;

  constructor(registrationId: number, cipherClass = SessionCipher) {
    this.registrationId = registrationId;
    this.#cipherClass = cipherClass;
  }

  get bundle(): object {
    return {
      identityKey: this.identity.pubKey,
      registrationId: this.registrationId,
      preKey: { keyId: 5, publicKey: this.oneTime.pubKey },
      signedPreKey: {
        keyId: 1,
        publicKey: this.signed.pubKey,
        signature: curve.calculateSignature(this.identity.privKey, this.signed.pubKey),
      },
    };
  }

  readonly #store = {
    loadSession: async () => this.stored && SessionRecord.deserialize(copied(this.stored)),
    storeSession: async (_: string, record: Record) => {
      this.stored = copied(record.serialize());
    },
    isTrustedIdentity: () => true,
    loadPreKey: async () => this.oneTime,
    removePreKey: async () => undefined,
    loadSignedPreKey: () => this.signed,
    getOurRegistrationId: () => this.registrationId,
    getOurIdentity: () => this.identity,
  };

  get cipher(): Cipher {
    return new this.#cipherClass(this.#store, new ProtocolAddress('other', 0));
  }

  begin(bundle: object): Promise<void> {
    return new SessionBuilder(this.#store, new ProtocolAddress('other', 0)).initOutgoing(bundle);
  }
}
