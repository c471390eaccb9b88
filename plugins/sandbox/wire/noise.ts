import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import type { ServerIdentity } from './certificates.ts';
import { ProtocolError } from './frames.ts';
import { agree, type KeyPair, newKeyPair } from './keys.ts';

const PATTERN = Buffer.from('Noise_XX_25519_AESGCM_SHA256\0\0\0\0');
const TAG_LENGTH = 16;
const NO_DATA = Buffer.alloc(0);

/** What the client said in the last handshake message. */
export interface ClientFinish {
  /** `creds.noiseKey.public`: what identifies the device at login. */
  readonly noiseKey: Buffer;
  readonly payload: proto.IClientPayload;
}

/** One AES-256-GCM key with its message counter: 12 bytes of nonce, big-endian in the last four. */
class CipherState {
  readonly #key: Buffer;
  #counter = 0;

  constructor(key: Buffer) {
    this.#key = key;
  }

  seal(plain: Uint8Array, aad: Buffer): Buffer {
    const cipher = createCipheriv('aes-256-gcm', this.#key, this.#nonce());
    cipher.setAAD(aad);
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  open(sealed: Uint8Array, aad: Buffer): Buffer {
    if (sealed.length < TAG_LENGTH) throw new ProtocolError('a sealed payload is shorter than its tag');
    const decipher = createDecipheriv('aes-256-gcm', this.#key, this.#nonce());
    decipher.setAAD(aad);
    decipher.setAuthTag(sealed.subarray(-TAG_LENGTH));
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_LENGTH)), decipher.final()]);
  }

  #nonce(): Buffer {
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32BE(this.#counter++, 8);
    return nonce;
  }
}

/**
 * The responder of `Noise_XX_25519_AESGCM_SHA256` as WhatsApp speaks it (docs/protocol.md, "Handshake"): `hello` answers the
 * first message, `finish` reads the third; after that `seal` and `open` carry stanzas. Throws on bytes that do not
 * authenticate.
 */
export class NoiseResponder {
  readonly #identity: ServerIdentity;
  readonly #ephemeral: KeyPair = newKeyPair();
  #hash: Buffer = PATTERN;
  #chainingKey: Buffer = PATTERN;
  #handshake = new CipherState(PATTERN);
  #inbound: CipherState | undefined;
  #outbound: CipherState | undefined;

  constructor(identity: ServerIdentity, prologue: Uint8Array) {
    this.#identity = identity;
    this.#mixHash(prologue);
  }

  /** Whether stanzas can be carried. */
  get ready(): boolean {
    return this.#inbound !== undefined;
  }

  /** ClientHello in, ServerHello out. */
  hello(bytes: Uint8Array): Uint8Array {
    const client = proto.HandshakeMessage.decode(bytes).clientHello?.ephemeral;
    if (client?.length !== 32) throw new ProtocolError('the client hello has no ephemeral key');
    const { staticKey, chain } = this.#identity;
    this.#mixHash(client);
    this.#mixHash(this.#ephemeral.public);
    this.#mixKey(agree(this.#ephemeral.private, client));
    const sealedKey = this.#sealHandshake(staticKey.public);
    this.#mixKey(agree(staticKey.private, client));
    const payload = this.#sealHandshake(chain);
    const serverHello = { ephemeral: this.#ephemeral.public, static: sealedKey, payload };
    return proto.HandshakeMessage.encode({ serverHello }).finish();
  }

  /** ClientFinish in; the connection is then encrypted. */
  finish(bytes: Uint8Array): ClientFinish {
    const finish = proto.HandshakeMessage.decode(bytes).clientFinish;
    if (!finish?.static || !finish.payload) throw new ProtocolError('the client finish is incomplete');
    const noiseKey = this.#openHandshake(finish.static);
    this.#mixKey(agree(this.#ephemeral.private, noiseKey));
    const payload = proto.ClientPayload.decode(this.#openHandshake(finish.payload));
    const [inbound, outbound] = this.#expand(NO_DATA);
    this.#inbound = new CipherState(inbound);
    this.#outbound = new CipherState(outbound);
    return { noiseKey, payload };
  }

  /** A stanza on its way to the client. */
  seal(plain: Uint8Array): Buffer {
    if (!this.#outbound) throw new ProtocolError('nothing can be sent before the handshake is finished');
    return this.#outbound.seal(plain, NO_DATA);
  }

  /** A stanza from the client. */
  open(sealed: Uint8Array): Buffer {
    if (!this.#inbound) throw new ProtocolError('nothing can be read before the handshake is finished');
    return this.#inbound.open(sealed, NO_DATA);
  }

  #sealHandshake(plain: Uint8Array): Buffer {
    const sealed = this.#handshake.seal(plain, this.#hash);
    this.#mixHash(sealed);
    return sealed;
  }

  #openHandshake(sealed: Uint8Array): Buffer {
    const plain = this.#handshake.open(sealed, this.#hash);
    this.#mixHash(sealed);
    return plain;
  }

  #mixHash(data: Uint8Array): void {
    this.#hash = createHash('sha256').update(this.#hash).update(data).digest();
  }

  #mixKey(secret: Uint8Array): void {
    const [chainingKey, key] = this.#expand(secret);
    this.#chainingKey = chainingKey;
    this.#handshake = new CipherState(key);
  }

  #expand(secret: Uint8Array): [Buffer, Buffer] {
    const bytes = Buffer.from(hkdfSync('sha256', secret, this.#chainingKey, NO_DATA, 64));
    return [bytes.subarray(0, 32), bytes.subarray(32)];
  }
}
