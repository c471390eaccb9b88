import { crc32 } from 'node:zlib';
import type { Stored } from 'waha-runtime/storage';
import type { Statement } from './executor.ts';

/*
 * A record of the redo log: the length of its content (4 bytes), the CRC-32 of all that follows (4), its number (8, a double), the
 * number of the last record that was known to be on disk by then (8, a double), and the content: statement after statement, each the place of its text among the texts of this log so far (one that
 * is new follows), what it must find, the count of its values, and these. Numbers are little-endian; counts are varints.
 */

/** The bytes of a record before its content. */
export const headBytes = 24;

const tags = { null: 0, count: 1, number: 2, text: 3, bytes: 4 } as const;

/** What a statement must find, by its number. */
const musts = [undefined, 'change', 'find'] as const;

/** Bytes to be, in one buffer that grows and is used again. */
class Scratch {
  buffer = Buffer.allocUnsafe(64 * 1024);
  length = 0;

  /** Makes room, in another buffer when need be; returns the place where so many bytes may be written. */
  take(bytes: number): number {
    const at = this.length;
    this.length += bytes;
    if (this.length > this.buffer.length) {
      const larger = Buffer.allocUnsafe(2 * this.length);
      this.buffer.copy(larger, 0, 0, at);
      this.buffer = larger;
    }
    return at;
  }

  varint(value: number): void {
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.byte((rest % 0x80) | 0x80);
    this.byte(rest);
  }

  text(value: string): void {
    const bytes = Buffer.byteLength(value);
    this.varint(bytes);
    const at = this.take(bytes);
    this.buffer.write(value, at, 'utf8');
  }

  value(value: Stored): void {
    if (value === null) this.byte(tags.null);
    else if (typeof value === 'number') this.number(value);
    else if (typeof value === 'string') {
      this.byte(tags.text);
      this.text(value);
    } else {
      this.byte(tags.bytes);
      this.varint(value.byteLength);
      const at = this.take(value.byteLength);
      this.buffer.set(value, at);
    }
  }

  byte(value: number): void {
    const at = this.take(1);
    this.buffer[at] = value;
  }

  private number(value: number): void {
    if (Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0)) {
      this.byte(tags.count);
      this.varint(value);
      return;
    }
    this.byte(tags.number);
    const at = this.take(8);
    this.buffer.writeDoubleLE(value, at);
  }
}

/** Above this the scratch buffer is given back (bytes): a whole history was in one group. */
const keptScratch = 4 * 1024 * 1024;

/** Writes the records of one log, which has each statement's text once. */
export class RecordEncoder {
  #texts = new Map<string, number>();
  #scratch = new Scratch();

  /** The bytes of a record; good until the next call. */
  encode(number: number, synced: number, statements: readonly Statement[]): Buffer {
    if (this.#scratch.buffer.length > keptScratch) this.#scratch = new Scratch();
    const scratch = this.#scratch;
    scratch.length = headBytes;
    for (const { text, values, must } of statements) {
      this.#reference(text);
      scratch.byte(musts.indexOf(must));
      scratch.varint(values.length);
      for (const value of values) scratch.value(value);
    }
    const { buffer, length } = scratch;
    buffer.writeUInt32LE(length - headBytes, 0);
    buffer.writeDoubleLE(number, 8);
    buffer.writeDoubleLE(synced, 16);
    buffer.writeUInt32LE(crc32(buffer.subarray(8, length)), 4);
    return buffer.subarray(0, length);
  }

  /** How many texts there are: `forget` goes back to it when a record could not be written. */
  get known(): number {
    return this.#texts.size;
  }

  forget(from = 0): void {
    for (const [text, place] of this.#texts) if (place >= from) this.#texts.delete(text);
  }

  #reference(text: string): void {
    const known = this.#texts.get(text);
    this.#scratch.varint(known ?? this.#texts.size);
    if (known !== undefined) return;
    this.#texts.set(text, this.#texts.size);
    this.#scratch.text(text);
  }
}

export interface LogRecord {
  readonly number: number;
  /** Everything up to this number was on disk when the record was written. */
  readonly synced: number;
  readonly content: Buffer;
  /** Of all its bytes. */
  readonly length: number;
}

/** The record that begins there when it is whole, or null. */
export const recordAt = (log: Buffer, at: number): LogRecord | null => {
  if (at + headBytes > log.length) return null;
  const end = at + headBytes + log.readUInt32LE(at);
  if (end > log.length || crc32(log.subarray(at + 8, end)) !== log.readUInt32LE(at + 4)) return null;
  const [number, synced] = [log.readDoubleLE(at + 8), log.readDoubleLE(at + 16)];
  return { number, synced, content: log.subarray(at + headBytes, end), length: end - at };
};

/** Numbers begin beyond a million: the last byte of one, which is its sign and exponent, is one of these three. */
const exponents = { least: 0x41, most: 0x43 };

/** The first whole record behind this place whose number is larger; null when there is none. */
export const laterRecord = (log: Buffer, from: number, number: number): LogRecord | null => {
  for (let at = from; at + headBytes <= log.length; at++) {
    const exponent = log[at + 15] ?? 0;
    if (exponent < exponents.least || exponent > exponents.most) continue;
    const found = log.readDoubleLE(at + 8);
    if (!(found > number && Number.isSafeInteger(found))) continue;
    const record = recordAt(log, at);
    if (record !== null) return record;
  }
  return null;
};

/** Reads the records of one log, in their order from the first one on. */
export class RecordDecoder {
  readonly #texts: string[] = [];
  #content: Buffer = Buffer.alloc(0);
  #at = 0;

  decode(content: Buffer): Statement[] {
    this.#content = content;
    this.#at = 0;
    const statements: Statement[] = [];
    while (this.#at < content.length) {
      const place = this.#varint();
      if (place === this.#texts.length) this.#texts.push(this.#bytes().toString('utf8'));
      const text = this.#texts[place];
      if (text === undefined) throw new Error('a record of the redo log names a statement that is not there');
      const must = musts[this.#varint()];
      const values = Array.from({ length: this.#varint() }, () => this.#value());
      statements.push(must === undefined ? { text, values } : { text, values, must });
    }
    return statements;
  }

  #varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = this.#content.readUInt8(this.#at++);
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  #bytes(): Buffer {
    const length = this.#varint();
    this.#at += length;
    return this.#content.subarray(this.#at - length, this.#at);
  }

  #value(): Stored {
    const tag = this.#varint();
    if (tag === tags.null) return null;
    if (tag === tags.count) return this.#varint();
    if (tag === tags.text) return this.#bytes().toString('utf8');
    if (tag === tags.bytes) return new Uint8Array(this.#bytes());
    this.#at += 8;
    return this.#content.readDoubleLE(this.#at - 8);
  }
}
