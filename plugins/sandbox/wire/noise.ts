import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import type { ServerIdentity } from './certificates.ts';
import { ProtocolError } from './frames.ts';
import { agree, type KeyPair, newKeyPair } from './keys.ts';

/** Names of up to 32 bytes are filled up with zeros, longer ones are hashed (Noise, section 5.2). */
const patternOf = (name: string): Buffer =>
  name.length > 32 ? createHash('sha256').update(name).digest() : Buffer.concat([Buffer.from(name)], 32);

const XX = patternOf('Noise_XX_25519_AESGCM_SHA256');
const IK = patternOf('Noise_IK_25519_AESGCM_SHA256');
const XX_FALLBACK = patternOf('Noise_XXfallback_25519_AESGCM_SHA256');
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

/** What follows a client hello. */
export interface Hello {
  /** The ServerHello. */
  readonly answer: Uint8Array;
  /** What the client said about itself, when it came back to a server whose key it knows: the handshake is over then. */
  readonly finish?: ClientFinish;
}

/**
 * The responder of a Noise handshake as WhatsApp speaks it (docs/protocol.md, "Handshake"): `hello` answers the first
 * message, `finish` reads the third one of `XX`; after that `seal` and `open` carry stanzas. A client that knows the server's
 * key says all at once (`IK`); when the key is another one, the answer falls back to `XX`. Throws on bytes that do not authenticate.
 */
export class NoiseResponder {
  readonly #identity: ServerIdentity;
  readonly #prologue: Uint8Array;
  readonly #ephemeral: KeyPair = newKeyPair();
  #hash: Buffer = XX;
  #chainingKey: Buffer = XX;
  #handshake = new CipherState(XX);
  #inbound: CipherState | undefined;
  #outbound: CipherState | undefined;

  constructor(identity: ServerIdentity, prologue: Uint8Array) {
    this.#identity = identity;
    this.#prologue = prologue;
  }

  /** Whether stanzas can be carried. */
  get ready(): boolean {
    return this.#inbound !== undefined;
  }

  /** ClientHello in, ServerHello out. */
  hello(bytes: Uint8Array): Hello {
    const hello = proto.HandshakeMessage.decode(bytes).clientHello;
    const { ephemeral, static: sealedKey, payload } = hello ?? {};
    if (ephemeral?.length !== 32) throw new ProtocolError('the client hello has no ephemeral key');
    if (!sealedKey?.length || !payload?.length) return { answer: this.#answerXx(XX, ephemeral) };
    try {
      return this.#answerIk(ephemeral, sealedKey, payload);
    } catch {
      return { answer: this.#answerXx(XX_FALLBACK, ephemeral) };
    }
  }

  /** `-> e` and `<- e, ee, s, es`; in the fallback the client's key counts as known before. */
  #answerXx(pattern: Buffer, client: Uint8Array): Uint8Array {
    this.#begin(pattern);
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

  /** `-> e, es, s, ss` and `<- e, ee, se`. Throws when the client took another key for the server's. */
  #answerIk(client: Uint8Array, sealedKey: Uint8Array, sealedPayload: Uint8Array): Hello {
    this.#begin(IK);
    const { staticKey, chain } = this.#identity;
    this.#mixHash(staticKey.public);
    this.#mixHash(client);
    this.#mixKey(agree(staticKey.private, client));
    const noiseKey = this.#openHandshake(sealedKey);
    this.#mixKey(agree(staticKey.private, noiseKey));
    const payload = proto.ClientPayload.decode(this.#openHandshake(sealedPayload));
    this.#mixHash(this.#ephemeral.public);
    this.#mixKey(agree(this.#ephemeral.private, client));
    this.#mixKey(agree(this.#ephemeral.private, noiseKey));
    const serverHello = { ephemeral: this.#ephemeral.public, payload: this.#sealHandshake(chain) };
    this.#split();
    return { answer: proto.HandshakeMessage.encode({ serverHello }).finish(), finish: { noiseKey, payload } };
  }

  /** ClientFinish in; the connection is then encrypted. */
  finish(bytes: Uint8Array): ClientFinish {
    const finish = proto.HandshakeMessage.decode(bytes).clientFinish;
    if (!finish?.static || !finish.payload) throw new ProtocolError('the client finish is incomplete');
    const noiseKey = this.#openHandshake(finish.static);
    this.#mixKey(agree(this.#ephemeral.private, noiseKey));
    const payload = proto.ClientPayload.decode(this.#openHandshake(finish.payload));
    this.#split();
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

  #begin(pattern: Buffer): void {
    this.#hash = pattern;
    this.#chainingKey = pattern;
    this.#handshake = new CipherState(pattern);
    this.#mixHash(this.#prologue);
  }

  /** The handshake is over: a key for each way. */
  #split(): void {
    const [inbound, outbound] = this.#expand(NO_DATA);
    this.#inbound = new CipherState(inbound);
    this.#outbound = new CipherState(outbound);
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
