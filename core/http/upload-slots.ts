import { tooManyRequests } from '../errors.ts';

/** So many forms and large bodies of one key are read at the same time; each may fill the disk, or the memory, up to its limit. */
const MAX_OF_ONE = 16;
/** And so many of all keys together. */
const MAX_OF_ALL = 64;

/** Who reads how many forms and large bodies. One caller's slow uploads do not hold up those of others. */
export class UploadSlots {
  readonly #readBy = new Map<string, number>();
  #read = 0;

  /** Takes a slot and gives the way to free it. Throws a 429 when the caller, or everybody together, has too many. */
  take(caller: string): () => void {
    const own = this.#readBy.get(caller) ?? 0;
    if (own >= MAX_OF_ONE || this.#read >= MAX_OF_ALL) throw tooManyRequests('too many files are being uploaded', 5);
    this.#readBy.set(caller, own + 1);
    this.#read += 1;
    let taken = true;
    return () => {
      if (!taken) return;
      taken = false;
      this.#read -= 1;
      const left = (this.#readBy.get(caller) ?? 1) - 1;
      if (left > 0) this.#readBy.set(caller, left);
      else this.#readBy.delete(caller);
    };
  }
}
