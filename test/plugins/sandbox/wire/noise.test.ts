import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';
import { Curve, proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { serverIdentity } from '../../../../plugins/sandbox/wire/certificates.ts';
import { NoiseResponder } from '../../../../plugins/sandbox/wire/noise.ts';

const PROLOGUE = Buffer.from([87, 65, 6, 3]);

/** The initiator's side, written from the Noise specification and not with the sandbox's code. */
class Initiator {
  #hash: Buffer;
  #chainingKey: Buffer;
  #key: Buffer;
  #nonce = 0;

  constructor(name: string) {
    const long = name.length > 32;
    this.#hash = long ? createHash('sha256').update(name).digest() : Buffer.concat([Buffer.from(name)], 32);
    this.#chainingKey = this.#hash;
    this.#key = this.#hash;
    this.mix(PROLOGUE);
  }

  mix(data: Uint8Array): void {
    this.#hash = createHash('sha256').update(this.#hash).update(data).digest();
  }

  agree(secret: Uint8Array, theirs: Uint8Array): void {
    const bytes = this.split(Curve.sharedKey(secret, theirs));
    [this.#chainingKey, this.#key] = [bytes.subarray(0, 32), bytes.subarray(32)];
    this.#nonce = 0;
  }

  split(input: Uint8Array = Buffer.alloc(0)): Buffer {
    return Buffer.from(hkdfSync('sha256', input, this.#chainingKey, Buffer.alloc(0), 64));
  }

  seal(plain: Uint8Array): Buffer {
    const cipher = createCipheriv('aes-256-gcm', this.#key, this.#iv()).setAAD(this.#hash);
    const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    this.mix(sealed);
    return sealed;
  }

  open(sealed: Uint8Array): Buffer {
    const decipher = createDecipheriv('aes-256-gcm', this.#key, this.#iv()).setAAD(this.#hash);
    decipher.setAuthTag(sealed.subarray(-16));
    const plain = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
    this.mix(sealed);
    return plain;
  }

  #iv(): Buffer {
    const iv = Buffer.alloc(12);
    iv.writeUInt32BE(this.#nonce++, 8);
    return iv;
  }
}

const known = serverIdentity().staticKey.public;
const payload = proto.ClientPayload.encode({ username: 5511, device: 2 }).finish();

/** The first message of a client that takes `server` for the server's key. */
const comeBack = (server: Uint8Array) => {
  const [mine, ephemeral] = [Curve.generateKeyPair(), Curve.generateKeyPair()];
  const noise = new Initiator('Noise_IK_25519_AESGCM_SHA256');
  noise.mix(server);
  noise.mix(ephemeral.public);
  noise.agree(ephemeral.private, server);
  const sealedKey = noise.seal(mine.public);
  noise.agree(mine.private, server);
  const clientHello = { ephemeral: ephemeral.public, static: sealedKey, payload: noise.seal(payload) };
  return { noise, mine, ephemeral, hello: proto.HandshakeMessage.encode({ clientHello }).finish() };
};

describe('a client that comes back to a server whose key it knows', () => {
  it('says all at once (IK), and both have the same keys', () => {
    const { noise, mine, ephemeral, hello } = comeBack(known);
    const responder = new NoiseResponder(serverIdentity(), PROLOGUE);
    const { answer, finish } = responder.hello(hello);
    expect(Buffer.from(finish?.noiseKey ?? []).equals(Buffer.from(mine.public))).toBe(true);
    expect(finish?.payload).toMatchObject({ device: 2 });
    const { serverHello } = proto.HandshakeMessage.decode(answer);
    const theirs = serverHello?.ephemeral ?? new Uint8Array();
    expect(serverHello?.static?.length ?? 0).toBe(0);
    noise.mix(theirs);
    noise.agree(ephemeral.private, theirs);
    noise.agree(mine.private, theirs);
    noise.open(serverHello?.payload ?? new Uint8Array());
    const cipher = createCipheriv('aes-256-gcm', noise.split().subarray(0, 32), Buffer.alloc(12));
    const stanza = Buffer.concat([cipher.update('stanza'), cipher.final(), cipher.getAuthTag()]);
    expect(responder.open(stanza).toString()).toBe('stanza');
  });

  it('is given the key anew when it knows another one (XX fallback)', () => {
    const { mine, ephemeral, hello } = comeBack(Curve.generateKeyPair().public);
    const responder = new NoiseResponder(serverIdentity(), PROLOGUE);
    const { answer, finish } = responder.hello(hello);
    expect(finish).toBeUndefined();
    const { serverHello } = proto.HandshakeMessage.decode(answer);
    const theirs = serverHello?.ephemeral ?? new Uint8Array();
    const noise = new Initiator('Noise_XXfallback_25519_AESGCM_SHA256');
    noise.mix(ephemeral.public);
    noise.mix(theirs);
    noise.agree(ephemeral.private, theirs);
    const server = noise.open(serverHello?.static ?? new Uint8Array());
    expect(server.equals(known)).toBe(true);
    noise.agree(ephemeral.private, server);
    noise.open(serverHello?.payload ?? new Uint8Array());
    const sealedKey = noise.seal(mine.public);
    noise.agree(mine.private, theirs);
    const clientFinish = { static: sealedKey, payload: noise.seal(payload) };
    const read = responder.finish(proto.HandshakeMessage.encode({ clientFinish }).finish());
    expect(read.noiseKey.equals(Buffer.from(mine.public))).toBe(true);
  });
});
