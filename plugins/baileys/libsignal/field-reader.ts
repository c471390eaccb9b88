/** Larger ones are no counters of anybody. */
const largest = 2 ** 31 - 1;

/** Reads fields of Protocol Buffers in the order in which they are asked for; what does not come as it is asked for is null, and so is everything behind it. */
export class FieldReader {
  readonly #content: Buffer;
  #at = 0;
  #failed = false;

  constructor(content: Buffer) {
    this.#content = content;
  }

  get isAtEnd(): boolean {
    return !this.#failed && this.#at === this.#content.length;
  }

  varint(tag: number): number | null {
    return this.#content[this.#at++] === tag ? this.#number() : this.#fail();
  }

  bytes(tag: number): Buffer | null {
    const length = this.varint(tag);
    if (length === null || this.#at + length > this.#content.length) return this.#fail();
    this.#at += length;
    return this.#content.subarray(this.#at - length, this.#at);
  }

  #number(): number | null {
    let value = 0;
    for (let place = 1; place <= 128 ** 4; place *= 128) {
      const byte = this.#content[this.#at++];
      if (byte === undefined) return this.#fail();
      value += (byte & 127) * place;
      if (byte < 128) return value <= largest ? value : this.#fail();
    }
    return this.#fail();
  }

  #fail(): null {
    this.#failed = true;
    return null;
  }
}
