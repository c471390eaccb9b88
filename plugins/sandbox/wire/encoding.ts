import { type BinaryNode, encodeBinaryNode } from '@whiskeysockets/baileys';

/** Attributes that hold what people wrote. */
const texts = ['subject', 'notify'] as const;
/** A byte that nobody writes. */
const BLANK = '\u0001';
const BINARY_8 = 252;

/**
 * Encodes a stanza as WhatsApp does. Baileys takes every attribute with an `@` for an address, and makes another text of
 * `lunch:2@noon`, and nothing of `constructor`: such texts are encoded as blanks of their length, and put in afterwards.
 */
export function encodeStanza(stanza: BinaryNode): Buffer {
  const written: Buffer[] = [];
  const safe = blanked(stanza, written);
  const encoded = encodeBinaryNode(safe);
  let from = 0;
  for (const text of written) {
    const blanks = Buffer.alloc(text.length, BLANK);
    const place = text.length < 256 ? Buffer.concat([Buffer.from([BINARY_8, text.length]), blanks]) : blanks;
    const at = encoded.indexOf(place, from) + place.length - text.length;
    text.copy(encoded, at);
    from = at + text.length;
  }
  return encoded;
}

/** Baileys' dictionary is an object, and finds in it what every object has, too. */
const isMistaken = (text: string): boolean => text.includes('@') || text in {};

/** The stanza with blanks for texts that look like addresses, in the order in which they are encoded. */
function blanked(stanza: BinaryNode, written: Buffer[]): BinaryNode {
  let { attrs } = stanza;
  for (const name of Object.keys(attrs)) {
    const text = attrs[name];
    if (text === undefined || !isMistaken(text) || !texts.some((one) => one === name)) continue;
    const bytes = Buffer.from(text);
    written.push(bytes);
    attrs = { ...attrs, [name]: BLANK.repeat(bytes.length) };
  }
  const { content } = stanza;
  if (!Array.isArray(content)) return attrs === stanza.attrs ? stanza : { ...stanza, attrs };
  return { ...stanza, attrs, content: content.map((child) => blanked(child, written)) };
}
