import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren } from '@whiskeysockets/baileys';
import type { BaileysSocket } from '../socket/socket.ts';

/**
 * Hands out all QR codes of a connection at once. Baileys shows one after the other on its own clock; here its clock is
 * set far beyond the QR budget and its first code serves as the pattern for the rest: they differ in the reference only.
 */
export const watchQrCodes = (sock: BaileysSocket, announce: (codes: string[]) => void): void => {
  let refs: string[] = [];
  sock.ws.on('CB:iq,type:set,pair-device', (stanza: BinaryNode) => {
    refs = refsIn(stanza);
  });
  sock.ev.on('connection.update', ({ qr }) => {
    if (!qr) return;
    const codes = qrCodes(qr, refs);
    refs = [];
    if (codes.length > 0) announce(codes);
  });
};

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
