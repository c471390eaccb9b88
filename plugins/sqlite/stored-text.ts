import { isUtf8 } from 'node:buffer';
import type { Stored } from 'waha-runtime/storage';

/**
 * Text that was selected as bytes, for libsql itself is not asked to read stored text: damage there could end the whole process, and
 * text is cut at a NUL. What is no text is damage, because we write none such: throws with SQLite's code for it.
 */
export const textOf = (value: Stored | undefined): string | number | null => {
  if (!(value instanceof Uint8Array)) return value ?? null;
  if (!isUtf8(value)) throw Object.assign(new Error('damaged: bytes that are no text'), { code: 'SQLITE_CORRUPT' });
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString();
};
