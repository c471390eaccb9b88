import { assertNodeErrorFree, type BinaryNode, encodeBinaryNode } from '@whiskeysockets/baileys';
import * as dictionary from '@whiskeysockets/baileys/lib/WABinary/constants.js';
import type { BaileysSocket } from '../socket/socket.ts';

/** Attributes of what we ask that hold what people wrote. In all others an `@` makes an address. */
const texts: ReadonlySet<string> = new Set(['subject']);

const { TAGS } = dictionary;
const words = dictionary.TOKEN_MAP as Record<string, object>;

/**
 * Baileys looks every text up in its dictionary, and there finds `constructor`, `toString` and the like, which every object has:
 * they are written as nothing. After this they are texts as others are, in all stanzas of the process.
 */
export const forgetObjectWords = (): void => {
  Object.setPrototypeOf(words, null);
};

/**
 * Baileys takes every attribute with an `@` for an address, and makes another text of `lunch:2@noon`. WhatsApp's clients know by
 * the attribute which of the two it is; so does what is asked by `query` from here on.
 */
export const askWithTexts = (sock: BaileysSocket): void => {
  const query = sock.query.bind(sock);
  sock.query = async (node: BinaryNode, timeoutMs?: number) => {
    if (!hasText(node)) return query(node, timeoutMs);
    const id = node.attrs['id'] ?? sock.generateMessageTag();
    const answer = sock.waitForMessage<BinaryNode>(id, timeoutMs);
    answer.catch(() => undefined);
    await sock.sendRawMessage(encodeTexts({ ...node, attrs: { ...node.attrs, id } }));
    const result = await answer;
    if (result) assertNodeErrorFree(result);
    return result;
  };
};

const hasText = ({ attrs, content }: BinaryNode): boolean =>
  Object.entries(attrs).some(([name, value]) => texts.has(name) && value.includes('@')) ||
  (Array.isArray(content) && content.some(hasText));

/** Encodes a stanza as Baileys does, but for the attributes that hold texts. */
export const encodeTexts = (node: BinaryNode): Buffer => {
  // The flag byte in front says that nothing is deflated.
  const written = [0];
  let before = '';
  // Baileys looks up each name right before its value, and asks what it finds for the byte to write.
  const lookUp = (_words: object, text: string | symbol): object | undefined => {
    const isText = texts.has(before) && String(text).includes('@');
    before = String(text);
    return isText ? plainly(before, written) : words[before];
  };
  return encodeBinaryNode(node, { ...dictionary, TOKEN_MAP: new Proxy({}, { get: lookUp }) } as never, written);
};

/** A word of the dictionary that writes a text byte by byte; the last one is what its number is. */
const plainly = (text: string, written: number[]): object => ({
  get index(): number | undefined {
    const bytes = Buffer.from(text);
    const isShort = bytes.length < 256;
    written.push(isShort ? TAGS.BINARY_8 : TAGS.BINARY_20);
    if (!isShort) written.push(bytes.length >> 16, bytes.length >> 8);
    written.push(bytes.length & 0xff, ...bytes.subarray(0, -1));
    return bytes.at(-1);
  },
});
