import type { Principal } from '../contracts/http.ts';
import { tooManyRequests } from '../errors.ts';

/** So many forms and large bodies of one key are read at the same time; each may fill the disk, or the memory, up to its limit. */
const MAX_OF_ONE = 16;
/** And so many of all keys together. */
const MAX_OF_ALL = 64;

/**
 * So many bytes of large bodies of JSON are in memory at the same time, of all keys together: each is there some four times while it is read
 * and parsed. A body that is larger than what is left waits for nobody: its caller tries again.
 */
const MAX_BYTES = 192 * 1024 * 1024;
/** And so many of one key that is no admin's: who sends slowly, and never to the end, leaves room for the others. */
const MAX_BYTES_OF_ONE = MAX_BYTES / 2;

/** What a body takes up. */
export interface UploadSlot {
  /** So many bytes more. Throws a 429 when there is no room for them. */
  grow(bytes: number): void;
  /** It has been read; its bytes are still there. */
  read(): void;
  /** Nothing is left of it. */
  free(): void;
}

/** Who reads how many forms and large bodies. One caller's slow uploads do not hold up those of others. */
export class UploadSlots {
  readonly #readBy = new Map<string, number>();
  readonly #bytesBy = new Map<string, number>();
  #read = 0;
  #bytes = 0;

  /** Takes a slot. Throws a 429 when the caller, or everybody together, has too many. */
  take({ name: caller, admin }: Pick<Principal, 'name' | 'admin'>): UploadSlot {
    const own = this.#readBy.get(caller) ?? 0;
    if (own >= MAX_OF_ONE || this.#read >= MAX_OF_ALL) throw tooManyRequests('too many files are being uploaded', 5);
    this.#readBy.set(caller, own + 1);
    this.#read += 1;
    let taken = true;
    let size = 0;
    const add = (bytes: number): void => {
      size += bytes;
      this.#bytes += bytes;
      const ofCaller = (this.#bytesBy.get(caller) ?? 0) + bytes;
      if (ofCaller > 0) this.#bytesBy.set(caller, ofCaller);
      else this.#bytesBy.delete(caller);
    };
    const grow = (bytes: number): void => {
      const ofCaller = this.#bytesBy.get(caller) ?? 0;
      // One that is alone has what it needs: the limit of a body is its own.
      const isFull = this.#bytes > size && this.#bytes + bytes > MAX_BYTES;
      const hasShare = !admin && ofCaller > size && ofCaller + bytes > MAX_BYTES_OF_ONE;
      if (isFull || hasShare) throw tooManyRequests('too many files are being uploaded', 5);
      add(bytes);
    };
    const read = (): void => {
      if (!taken) return;
      taken = false;
      this.#read -= 1;
      const left = (this.#readBy.get(caller) ?? 1) - 1;
      if (left > 0) this.#readBy.set(caller, left);
      else this.#readBy.delete(caller);
    };
    const free = (): void => {
      read();
      add(-size);
    };
    return { grow, read, free };
  }
}
