import type { BinaryNode } from '@whiskeysockets/baileys';
import { SERVER } from './jids.ts';

/** The children of a node, none when it has text or bytes inside. */
export function childrenOf(node: BinaryNode | undefined, tag?: string): BinaryNode[] {
  const content = Array.isArray(node?.content) ? node.content : [];
  return tag === undefined ? content : content.filter((child) => child.tag === tag);
}

/** The first child with this tag. */
export function childOf(node: BinaryNode | undefined, tag: string): BinaryNode | undefined {
  return childrenOf(node, tag)[0];
}

/** The bytes inside a node; undefined when it holds children or nothing. */
export function bytesOf(node: BinaryNode | undefined): Buffer | undefined {
  const content = node?.content;
  if (content === undefined || Array.isArray(content)) return undefined;
  return typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
}

/** The big-endian unsigned integer inside a node. */
export function uintOf(node: BinaryNode | undefined): number | undefined {
  const bytes = bytesOf(node);
  return bytes?.length ? bytes.readUIntBE(0, Math.min(bytes.length, 6)) : undefined;
}

/** Attributes without the absent ones: every value must be a string, or the encoder corrupts the stanza. */
export function attributes(values: Record<string, string | number | undefined>): Record<string, string> {
  const attrs: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) if (value !== undefined) attrs[name] = String(value);
  return attrs;
}

/** A node, built with {@link attributes}. */
export function node(
  tag: string,
  attrs: Record<string, string | number | undefined> = {},
  content?: BinaryNode['content'],
): BinaryNode {
  return content === undefined ? { tag, attrs: attributes(attrs) } : { tag, attrs: attributes(attrs), content };
}

/** The answer to a query. */
export function result(query: BinaryNode, content?: BinaryNode[]): BinaryNode {
  return node('iq', { from: query.attrs['to'] || SERVER, type: 'result', id: query.attrs['id'] }, content);
}

/** The refusal of a query: an HTTP-like code, WhatsApp's word for it, and when to ask again, in seconds. */
export function refusal(query: BinaryNode, code: number, text: string, backoff?: number): BinaryNode {
  const error = node('error', { code, text, backoff });
  return node('iq', { from: query.attrs['to'] || SERVER, type: 'error', id: query.attrs['id'] }, [error]);
}

/** A big-endian unsigned integer of the given width in bytes. */
export function bigEndian(value: number, width: number): Buffer {
  const bytes = Buffer.alloc(width);
  bytes.writeUIntBE(value, 0, width);
  return bytes;
}
