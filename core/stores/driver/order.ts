import type { Stored } from './format.ts';

/** Orders two stored values of one column as every driver does: null first, text by code point, bytes by byte. */
export const compareStored = (left: Stored, right: Stored): number => {
  if (left === null || right === null) return Number(left !== null) - Number(right !== null);
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right);
  return left < right ? -1 : Number(left > right);
};

/** `<` compares UTF-16 units, where an emoji sorts before U+FFFD; by code point is what UTF-8 media do. */
const compareText = (left: string, right: string): number => {
  const end = Math.min(left.length, right.length);
  for (let at = 0; at < end; at++) {
    const difference = rank(left.charCodeAt(at)) - rank(right.charCodeAt(at));
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
};

/** Surrogates rank above the units that follow them. */
const rank = (unit: number): number => {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
};
