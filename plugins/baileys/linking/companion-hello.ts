import { randomBytes } from 'node:crypto';
import {
  aesEncryptCTR,
  type BinaryNode,
  bytesToCrockford,
  Curve,
  derivePairingCodeKey,
  getBinaryNodeChild,
  getBinaryNodeChildBuffer,
  getCompanionPlatformId,
  jidEncode,
  type KeyPair,
} from '@whiskeysockets/baileys';

/** `[system, browser, version]`, as Baileys has it. */
export type Browser = readonly [string, string, string];

const browsers = new Set(['Chrome', 'Edge', 'Firefox', 'Opera', 'Safari', 'IE', 'Desktop']);
const systems = new Set(['Windows', 'Mac OS', 'Linux', 'Ubuntu', 'Android', 'Chrome OS']);

/**
 * How a client calls itself when it asks for a code: `Browser (System)`. WhatsApp checks it and refuses own names with 400,
 * while a QR code takes anything; so names of one's own show only after a QR code.
 */
export const safeBrowser = ([system, browser, version]: Browser): [string, string, string] => [
  systems.has(system) ? system : 'Mac OS',
  browsers.has(browser) ? browser : 'Chrome',
  version,
];

/** A code to be typed, and the keys behind it. */
export interface CodeKeys {
  /** Eight characters. */
  readonly code: string;
  readonly ephemeral: KeyPair;
  /** The account that it is for. */
  readonly jid: string;
}

/** Every code has an ephemeral key of its own. */
export const newCodeKeys = (digits: string): CodeKeys => ({
  code: bytesToCrockford(randomBytes(5)),
  ephemeral: Curve.generateKeyPair(),
  jid: jidEncode(digits, 's.whatsapp.net'),
});

/**
 * Stage `companion_hello`, which asks WhatsApp to take a code (docs/protocol.md, "Pairing codes"). Baileys' own
 * `requestPairingCode` does not wait for the answer, and with it goes the reference that WhatsApp gives the code.
 */
export const companionHello = async (
  { code, ephemeral, jid }: CodeKeys,
  noiseKey: Uint8Array,
  own: Browser,
): Promise<BinaryNode> => {
  const browser = safeBrowser(own);
  const attrs = { jid, stage: 'companion_hello', should_show_push_notification: 'true' };
  const child = (tag: string, content: Uint8Array | string): BinaryNode => ({ tag, attrs: {}, content });
  return {
    tag: 'link_code_companion_reg',
    attrs,
    content: [
      child('link_code_pairing_wrapped_companion_ephemeral_pub', await wrapped(ephemeral.public, code)),
      child('companion_server_auth_key_pub', noiseKey),
      child('companion_platform_id', getCompanionPlatformId(browser)),
      child('companion_platform_display', `${browser[1]} (${browser[0]})`),
      child('link_code_pairing_nonce', Buffer.alloc(1)),
    ],
  };
};

/** salt 32 | iv 16 | AES-256-CTR of the key, under what follows from the code. */
const wrapped = async (publicKey: Uint8Array, code: string): Promise<Buffer> => {
  const [salt, iv] = [randomBytes(32), randomBytes(16)];
  return Buffer.concat([salt, iv, aesEncryptCTR(publicKey, await derivePairingCodeKey(code, salt), iv)]);
};

/** The reference in WhatsApp's answer, or in what it says of a code later; base64. Empty without one. */
export const refIn = (stanza: BinaryNode): string => {
  const bytes = getBinaryNodeChildBuffer(
    getBinaryNodeChild(stanza, 'link_code_companion_reg'),
    'link_code_pairing_ref',
  );
  return bytes === undefined ? '' : Buffer.from(bytes as Uint8Array).toString('base64');
};
