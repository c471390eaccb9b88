import { createCipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { type BinaryNode, Curve, proto } from '@whiskeysockets/baileys';
import type { Client } from '../support.ts';

const NO_SALT = Buffer.alloc(0);
const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTVWXYZ';
const SERVER = '@s.whatsapp.net';

const expand = (secret: Uint8Array, salt: string | Buffer, info: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, salt, info, 32));
const node = (tag: string, content?: BinaryNode[] | Uint8Array): BinaryNode =>
  content === undefined ? { tag, attrs: {} } : { tag, attrs: {}, content };
const childOf = (parent: BinaryNode, tag: string): BinaryNode | undefined =>
  Array.isArray(parent.content) ? parent.content.find((child) => child.tag === tag) : undefined;
const bytesOf = (one: BinaryNode | undefined): Buffer => Buffer.from((one?.content as Uint8Array | undefined) ?? []);

/**
 * The client's half of a passkey ceremony on the unmodified library, written from docs/protocol.md alone and not with the
 * sandbox's code: each step is a method, so that a test can leave one out or spoil it.
 */
export class PasskeyClient {
  readonly #client: Client;
  readonly #ephemeral = Curve.generateKeyPair();
  readonly #nonce = randomBytes(32);
  #handoffKey: Buffer | undefined;
  #identity = Buffer.alloc(0);
  #ref = '';
  deviceType = 1;

  constructor(client: Client) {
    this.#client = client;
  }

  /** The next notification of a type, acknowledged. */
  notification(type: string): Promise<BinaryNode> {
    return new Promise((resolve) => {
      this.#client.socket.ws.on(`CB:notification,type:${type}`, (stanza: BinaryNode) => {
        const attrs = { id: stanza.attrs['id'] ?? '', to: stanza.attrs['from'] ?? SERVER, class: 'notification', type };
        this.#client.socket.sendNode({ tag: 'ack', attrs }).then(() => resolve(stanza));
      });
    });
  }

  query(type: 'get' | 'set', content: BinaryNode): Promise<BinaryNode> {
    return this.#client.socket.query({
      tag: 'iq',
      attrs: { to: SERVER, type, xmlns: 'md', id: this.#client.socket.generateMessageTag() },
      content: [content],
    });
  }

  /** Takes the prologue's request: the options, the key of the proof, and a new secret. */
  async begin(request: BinaryNode): Promise<{ challenge: string }> {
    const { creds } = this.#client.auth;
    this.#handoffKey = expand(Buffer.from(creds.advSecretKey, 'base64'), NO_SALT, 'shortcake-passkey-handoff-v1');
    creds.advSecretKey = randomBytes(32).toString('base64');
    const inside = childOf(request, 'passkey_request_options');
    const options =
      inside ?? childOf(await this.query('get', node('passkey_request_options')), 'passkey_request_options');
    return JSON.parse(bytesOf(options).toString()) as { challenge: string };
  }

  async prologue(assertion: { rawId: string }, { proof = true } = {}): Promise<void> {
    this.#ref = bytesOf(childOf(await this.query('get', node('ref')), 'ref')).toString();
    const identity = { publicKey: this.#ephemeral.public, deviceType: this.deviceType, ref: this.#ref };
    this.#identity = Buffer.from(proto.CompanionEphemeralIdentity.encode(identity).finish());
    const hash = createHash('sha256').update(this.#identity).update(this.#nonce).digest();
    const payload = { companionEphemeralIdentity: this.#identity, commitment: { hash } };
    const bytes = Buffer.from(proto.ProloguePayload.encode(payload).finish());
    const content = [
      node('credential_id', Buffer.from(assertion.rawId, 'base64url')),
      node('webauthn_assertion', Buffer.from(JSON.stringify(assertion))),
      node('prologue_payload', bytes),
    ];
    const hmac = createHmac('sha256', this.#handoffKey ?? NO_SALT)
      .update(bytes)
      .digest();
    if (proof) content.push(node('pairing_handoff_proof', hmac));
    await this.query('set', node('passkey_prologue', content));
  }

  /** Reveals the nonce; gives the code that the user is shown. `nonce` is another one than was committed to. */
  async reveal(continuation: BinaryNode, nonce = this.#nonce): Promise<string> {
    const { publicKey, nonce: theirs } = this.#primaryIn(continuation);
    await this.query('set', node('companion_nonce', nonce));
    const mask = createHash('sha256').update(nonce).update(publicKey).digest();
    const five = Array.from({ length: 5 }, (_, at) => (theirs[at] ?? 0) ^ (mask[at] ?? 0));
    const bits = five.map((byte) => byte.toString(2).padStart(8, '0')).join('');
    const code = (bits.match(/.{5}/g) ?? []).map((part) => ALPHABET[Number.parseInt(part, 2)]).join('');
    return `${code.slice(0, 4)}-${code.slice(4)}`;
  }

  async request(continuation: BinaryNode): Promise<void> {
    const { creds } = this.#client.auth;
    const shared = Curve.sharedKey(this.#ephemeral.private, this.#primaryIn(continuation).publicKey);
    const salt = `Companion Pairing ${this.deviceType} with ref ${this.#ref}`;
    const key = expand(shared, salt, 'Pairing Information Encryption Key');
    const plain = proto.PairingRequest.encode({
      companionPublicKey: creds.noiseKey.public,
      companionIdentityKey: creds.signedIdentityKey.public,
      advSecret: Buffer.from(creds.advSecretKey, 'base64'),
    }).finish();
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, iv);
    const encryptedPayload = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    const sealed = proto.EncryptedPairingRequest.encode({ encryptedPayload, iv }).finish();
    await this.query('set', node('encrypted_pairing_request', sealed));
  }

  #primaryIn(continuation: BinaryNode): { publicKey: Uint8Array; nonce: Uint8Array } {
    const bytes = bytesOf(childOf(continuation, 'primary_ephemeral_identity'));
    const { publicKey = NO_SALT, nonce = NO_SALT } = proto.PrimaryEphemeralIdentity.decode(bytes);
    return { publicKey: publicKey ?? NO_SALT, nonce: nonce ?? NO_SALT };
  }
}
