/** One field of a protobuf message: its number, and its bytes when it has a length. */
export interface Field {
  readonly number: number;
  /** The content of a field with a length (text, bytes, messages); else null. */
  readonly content: Uint8Array | null;
  /** The field as it stands, with its number. */
  readonly whole: Uint8Array;
}

/** Larger than anything in a history. */
const LARGEST = 256 * 1024 * 1024;

const VARINT = 0;
const FIXED64 = 1;
const WITH_LENGTH = 2;
const FIXED32 = 5;

/** Where a field ends and its content begins; null when there are not enough bytes yet. */
const measure = (bytes: Uint8Array, from: number): { number: number; start: number; end: number } | null => {
  const tag = varint(bytes, from);
  if (!tag) return null;
  const number = Math.floor(tag.value / 8);
  switch (tag.value % 8) {
    case VARINT: {
      const value = varint(bytes, tag.end);
      return value && { number, start: -1, end: value.end };
    }
    case FIXED64:
      return { number, start: -1, end: tag.end + 8 };
    case FIXED32:
      return { number, start: -1, end: tag.end + 4 };
    case WITH_LENGTH: {
      const length = varint(bytes, tag.end);
      if (length && length.value > LARGEST) throw new Error('a part of the history is too large');
      return length && { number, start: length.end, end: length.end + length.value };
    }
    default:
      throw new Error('the history cannot be read');
  }
};

const varint = (bytes: Uint8Array, from: number): { value: number; end: number } | null => {
  let value = 0;
  let scale = 1;
  for (let at = from; at < bytes.length && at < from + 10; at++) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, end: at + 1 };
    scale *= 128;
  }
  if (bytes.length - from >= 10) throw new Error('the history cannot be read');
  return null;
};

const fieldAt = (bytes: Uint8Array, from: number): { field: Field; end: number } | null => {
  const found = measure(bytes, from);
  if (!found || found.end > bytes.length) return null;
  const { number, start, end } = found;
  const content = start < 0 ? null : bytes.subarray(start, end);
  return { field: { number, content, whole: bytes.subarray(from, end) }, end };
};

/** The fields of a message that is there whole. Throws when it is cut off. */
export function* fieldsIn(bytes: Uint8Array): Generator<Field> {
  for (let at = 0; at < bytes.length; ) {
    const next = fieldAt(bytes, at);
    if (!next) throw new Error('the history is cut off');
    yield next.field;
    at = next.end;
  }
}

/** The fields of a message that comes in pieces: no more of it is in memory than its largest field. */
export async function* fieldsOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Field> {
  let waiting: Uint8Array[] = [];
  let size = 0;
  let needed = 1;
  for await (const piece of pieces) {
    waiting.push(piece);
    size += piece.length;
    if (size < needed) continue;
    const bytes = Buffer.concat(waiting);
    let at = 0;
    for (let next = fieldAt(bytes, at); next; next = fieldAt(bytes, at)) {
      yield next.field;
      at = next.end;
    }
    const rest = bytes.subarray(at);
    needed = measure(rest, 0)?.end ?? rest.length + 1;
    waiting = [rest];
    size = rest.length;
  }
  if (size > 0) throw new Error('the history is cut off');
}
