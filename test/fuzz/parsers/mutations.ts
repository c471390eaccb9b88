import type { Random } from '../random.ts';

/** No input is larger (bytes): a parser whose work grows too fast shows it here already. */
export const longest = 16 * 1024;

const odd = [0, 1, 9, 10, 13, 32, 34, 39, 58, 60, 61, 64, 92, 127, 128, 0xc0, 0xed, 0xff];

type Mutation = (input: Buffer, random: Random, others: Others) => Buffer;

interface Others {
  /** Words that mean something to the parser. */
  readonly words: readonly Buffer[];
  readonly corpus: readonly Buffer[];
}

const splice = (input: Buffer, at: number, take: number, put: Uint8Array): Buffer =>
  Buffer.concat([input.subarray(0, at), put, input.subarray(at + take)]);

const place = (input: Buffer, random: Random): number => random.below(input.length + 1);

const piece = (input: Buffer, random: Random): Buffer => {
  const at = place(input, random);
  return input.subarray(at, at + 1 + random.below(random.chance(0.2) ? input.length + 1 : 16));
};

const mutations: readonly Mutation[] = [
  (input, random) => splice(input, place(input, random), 1, Buffer.of(random.pick(odd))),
  (input, random) => splice(input, place(input, random), 1, Buffer.of(random.below(256))),
  (input, random) => splice(input, place(input, random), 0, Buffer.of(random.pick(odd))),
  (input, random) => splice(input, place(input, random), 1 + random.below(8), Buffer.alloc(0)),
  (input, random) => splice(input, place(input, random), random.below(4), piece(input, random)),
  (input, random, { words }) => splice(input, place(input, random), random.below(3), random.pick(words)),
  (input, random, { words }) => splice(input, place(input, random), 0, repeated(random.pick(words), random)),
  (input, random) => splice(input, place(input, random), 0, repeated(piece(input, random), random)),
  (input, random, { corpus }) =>
    splice(input, place(input, random), random.below(9), piece(random.pick(corpus), random)),
  (input, random) => input.subarray(0, place(input, random)),
];

const repeated = (part: Buffer, random: Random): Buffer =>
  Buffer.concat(Array<Buffer>(1 + random.below(random.chance(0.1) ? 2_000 : 8)).fill(part));

/** The input with one to four changes. */
export const mutated = (input: Buffer, random: Random, others: Others): Buffer => {
  let made = input;
  for (let left = 1 + random.below(4); left > 0; left--) {
    made = random.pick(mutations)(made, random, others).subarray(0, longest);
  }
  return Buffer.from(made);
};
