import type { ByteRange } from 'waha-runtime/storage';

/**
 * One range of a `Range` header, within a file of this size. Null: the whole file, as for several ranges, which a server need
 * not know, and for what is no range at all. Written here, since `range-parser` 1.3.0 refuses a suffix that is longer than the file
 * and a range that runs backwards with 416, where RFC 9110 (14.1.2, 14.2) wants the whole file.
 */
export const rangeOf = (header: string | undefined, size: number): ByteRange | 'unsatisfiable' | null => {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? [];
  if (first === '' && last === '') return null;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 };
  }
  const [start, end] = [Number(first), last === '' ? size - 1 : Math.min(Number(last), size - 1)];
  if (last !== '' && Number(last) < start) return null;
  return start >= size ? 'unsatisfiable' : { start, end };
};
