import { createCipheriv, createDecipheriv, hkdfSync, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { SERVER } from '../wire/jids.ts';
import { agree, type KeyPair, newKeyPair } from '../wire/keys.ts';
import { bytesOf, childOf, node } from '../wire/nodes.ts';
import type { Client } from '../world/people.ts';

const deriveBits = promisify(pbkdf2);
const ITERATIONS = 131_072;
const NO_SALT = Buffer.alloc(0);

/** A client that waits for its eight characters to be typed on the phone. */
export interface CompanionHello {
  readonly connection: Client;
  readonly ref: string;
  /** salt 32 | iv 16 | AES-256-CTR of the client's ephemeral public key. */
  readonly wrappedEphemeral: Buffer;
  /** What the client calls itself, for instance `Chrome (Mac OS)`. */
  readonly display: string;
}

/** The phone's half of a key exchange that was started by typing a code. */
export interface PrimaryHello {
  readonly ephemeral: KeyPair;
  readonly companionEphemeral: Buffer;
}

/** Reads `companion_hello` (docs/protocol.md, "Pairing codes"). Undefined when it is incomplete. */
export function companionHello(connection: Client, registration: BinaryNode): CompanionHello | undefined {
  const wrappedEphemeral = bytesOf(childOf(registration, 'link_code_pairing_wrapped_companion_ephemeral_pub'));
  if (wrappedEphemeral?.length !== 80) return undefined;
  const display = bytesOf(childOf(registration, 'companion_platform_display'))?.toString() ?? '';
  return { connection, ref: randomBytes(16).toString('base64'), wrappedEphemeral, display };
}

/**
 * What the phone sends when a code is typed. Nobody can tell here whether the code is right: a wrong one unwraps to
 * another key, and the client's answer does not open.
 */
export async function primaryHello(
  hello: CompanionHello,
  code: string,
  identity: KeyPair,
  now: number,
): Promise<{ stanza: BinaryNode; state: PrimaryHello }> {
  const characters = code.replace(/[^0-9A-Za-z]/g, '').toUpperCase();
  const companionEphemeral = await unwrap(hello.wrappedEphemeral, characters);
  const ephemeral = newKeyPair();
  const attrs = {
    from: SERVER,
    type: 'link_code_companion_reg',
    id: randomBytes(8).toString('hex'),
    t: Math.floor(now / 1000),
  };
  const stanza = node('notification', attrs, [
    node('link_code_companion_reg', { stage: 'primary_hello' }, [
      node('link_code_pairing_wrapped_primary_ephemeral_pub', {}, await wrap(ephemeral.public, characters)),
      node('primary_identity_pub', {}, identity.public),
      node('link_code_pairing_ref', {}, Buffer.from(hello.ref)),
    ]),
  ]);
  return { stanza, state: { ephemeral, companionEphemeral } };
}

/** Stage `refresh_code`: the code that is shown is dead (docs/protocol.md, "Pairing codes"). `now` is in milliseconds. */
export function refreshCode(hello: CompanionHello, force: boolean, now: number): BinaryNode {
  const attrs = { from: SERVER, type: 'link_code_companion_reg', id: randomBytes(8).toString('hex') };
  const ref = node('link_code_pairing_ref', {}, Buffer.from(hello.ref));
  const stage = { stage: 'refresh_code', force_manual_refresh: String(force) };
  return node('notification', { ...attrs, t: Math.floor(now / 1000) }, [node('link_code_companion_reg', stage, [ref])]);
}

/** Browsers and systems that WhatsApp takes in `Browser (System)`; it refuses others with 400. */
const DISPLAY =
  /^(Chrome|Edge|Firefox|Opera|Safari|IE|Brave|Desktop) \((Windows|Mac OS|macOS|Linux|Ubuntu|Android|iOS|Chrome OS)\)$/;

/** Whether a client may call itself that. */
export const isCommonDisplay = (display: string): boolean => DISPLAY.test(display);

/**
 * Opens `companion_finish` and derives the ADV secret from it. Throws when the bundle does not open: the code was
 * wrong.
 */
export function finishPairing(state: PrimaryHello, identity: KeyPair, registration: BinaryNode): Buffer {
  const bundle = bytesOf(childOf(registration, 'link_code_pairing_wrapped_key_bundle'));
  if (!bundle || bundle.length < 60) throw new Error('the key bundle is missing');
  const shared = agree(state.ephemeral.private, state.companionEphemeral);
  const key = expand(shared, bundle.subarray(0, 32), 'link_code_pairing_key_bundle_encryption_key');
  const decipher = createDecipheriv('aes-256-gcm', key, bundle.subarray(32, 44));
  decipher.setAuthTag(bundle.subarray(-16));
  const opened = Buffer.concat([decipher.update(bundle.subarray(44, -16)), decipher.final()]);
  const [companionIdentity, random] = [opened.subarray(0, 32), opened.subarray(64, 96)];
  return expand(Buffer.concat([shared, agree(identity.private, companionIdentity), random]), NO_SALT, 'adv_secret');
}

const expand = (secret: Buffer, salt: Buffer, info: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, salt, info, 32));

async function unwrap(wrapped: Buffer, code: string): Promise<Buffer> {
  const key = await deriveBits(code, wrapped.subarray(0, 32), ITERATIONS, 32, 'sha256');
  const decipher = createDecipheriv('aes-256-ctr', key, wrapped.subarray(32, 48));
  return Buffer.concat([decipher.update(wrapped.subarray(48)), decipher.final()]);
}

async function wrap(publicKey: Buffer, code: string): Promise<Buffer> {
  const [salt, iv] = [randomBytes(32), randomBytes(16)];
  const cipher = createCipheriv('aes-256-ctr', await deriveBits(code, salt, ITERATIONS, 32, 'sha256'), iv);
  return Buffer.concat([salt, iv, cipher.update(publicKey), cipher.final()]);
}
