/** Bits for each fact, and how many of them it sets: one in two thousand of the facts that are not there looks as if it were. */
const bitsEach = 16;
const bitsSet = 8;

/** Says of facts that they are not there; of the others it does not know (a Bloom filter). Facts are never taken out. */
export class FactFilter {
  /** How many facts it is made for. */
  readonly capacity: number;
  readonly #bits: Uint8Array;
  #count = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#bits = new Uint8Array(Math.ceil((capacity * bitsEach) / 8));
  }

  /** Whether it has more facts than it is made for: it would say of too many that they may be there. */
  get isFull(): boolean {
    return this.#count > this.capacity;
  }

  add(fact: string): void {
    this.#count += 1;
    const [first, step] = hashesOf(fact);
    const size = this.#bits.length * 8;
    for (let time = 0, at = first; time < bitsSet; time++, at = (at + step) >>> 0) {
      const bit = at % size;
      this.#bits[bit >>> 3]! |= 1 << (bit & 7);
    }
  }

  mayHave(fact: string): boolean {
    const [first, step] = hashesOf(fact);
    const size = this.#bits.length * 8;
    for (let time = 0, at = first; time < bitsSet; time++, at = (at + step) >>> 0) {
      const bit = at % size;
      if (((this.#bits[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0) return false;
    }
    return true;
  }
}

/** Two numbers of 32 bits (FNV-1a, from both ends). A step is odd, so that it does not come back to where it was. */
const hashesOf = (fact: string): readonly [number, number] => {
  let one = 0x811c9dc5;
  let other = 0xc59d1c81;
  for (let at = 0, back = fact.length - 1; back >= 0; at++, back--) {
    one = Math.imul(one ^ fact.charCodeAt(at), 0x01000193);
    other = Math.imul(other ^ fact.charCodeAt(back), 0x01000193);
  }
  return [one >>> 0, (other | 1) >>> 0];
};
