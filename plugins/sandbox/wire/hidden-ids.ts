import { createHmac } from 'node:crypto';

/** A hidden id has up to 16 digits: numbers of 5 to 15 digits, with a 1 in front, fit into so many bits. */
const HALF_BITS = 26n;
const HALF = (1n << HALF_BITS) - 1n;
const ROUNDS = [0, 1, 2, 3, 4, 5];
const LABEL = 'hidden ids of the sandbox';
const REMEMBERED = 200_000;

const known = new Map<string, string>();

/**
 * The user of a number's hidden id (LID): digits that have nothing in common with the number, so that whoever takes the one
 * for the other is found out. A permutation with a fixed key instead of a table: it can be turned round, is the same in every
 * process, and needs no state.
 */
export function hiddenIdOf(number: string): string {
  const remembered = known.get(number);
  if (remembered !== undefined) return remembered;
  const hidden = String(permuted(BigInt(`1${number}`), ROUNDS));
  if (known.size >= REMEMBERED) known.clear();
  known.set(number, hidden);
  return hidden;
}

/** The number behind a hidden id; undefined when it is no such id. */
export function numberBehind(hidden: string): string | undefined {
  if (!/^[0-9]{1,16}$/.test(hidden)) return undefined;
  const value = BigInt(hidden);
  if (value >> (2n * HALF_BITS)) return undefined;
  const digits = String(permuted(value, [...ROUNDS].reverse(), true));
  const number = digits.slice(1);
  return digits.startsWith('1') && number.length >= 5 && number.length <= 15 ? number : undefined;
}

/** A Feistel network over two halves of 26 bits. */
function permuted(value: bigint, rounds: readonly number[], back = false): bigint {
  let [left, right] = [value >> HALF_BITS, value & HALF];
  for (const round of rounds) {
    if (back) [left, right] = [right ^ mixed(left, round), left];
    else [left, right] = [right, left ^ mixed(right, round)];
  }
  return (left << HALF_BITS) | right;
}

const mixed = (half: bigint, round: number): bigint =>
  BigInt(createHmac('sha256', LABEL).update(`${round}:${half}`).digest().readUInt32BE(0)) & HALF;
