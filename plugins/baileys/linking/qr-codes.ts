import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren } from '@whiskeysockets/baileys';
import type { BaileysSocket } from '../socket/socket.ts';

/** Where the secret stands, counted from the end: the platform comes after it. */
const SECRET = -2;

/**
 * The QR codes of a connection, handed out all at once. Baileys shows one after the other on its own clock; here its clock is
 * set far beyond the QR budget and its first code serves as the pattern for the rest: they differ in the reference only.
 */
export class QrCodes {
  #codes: readonly string[] = [];

  constructor(sock: BaileysSocket, announce: (codes: readonly string[]) => void) {
    let refs: string[] = [];
    sock.ws.on('CB:iq,type:set,pair-device', (stanza: BinaryNode) => {
      refs = refsIn(stanza);
    });
    sock.ev.on('connection.update', ({ qr }) => {
      if (!qr) return;
      this.#codes = qrCodes(qr, refs);
      refs = [];
      if (this.#codes.length > 0) announce(this.#codes);
    });
  }

  /** The same codes with another secret (base64); empty before the first ones came. */
  renewed(secret: string): readonly string[] {
    this.#codes = this.#codes.map((code) => code.split(',').with(SECRET, secret).join(','));
    return this.#codes;
  }
}

/** The references of a `pair-device` stanza, in order. */
const refsIn = (stanza: BinaryNode): string[] =>
  getBinaryNodeChildren(getBinaryNodeChild(stanza, 'pair-device'), 'ref').map(({ content }) =>
    content instanceof Uint8Array ? Buffer.from(content).toString('utf8') : String(content ?? ''),
  );

/** The codes of all references, made from the finished code of the first. */
export const qrCodes = (first: string, refs: readonly string[]): string[] => {
  const [own] = refs;
  const at = own ? first.indexOf(own, first.indexOf('#') + 1) : -1;
  if (own === undefined || at < 0) return refs.length === 0 ? [] : [first];
  const before = first.slice(0, at);
  const after = first.slice(at + own.length);
  return refs.map((ref) => before + ref + after);
};
