import type { BinaryNode } from '@whiskeysockets/baileys';

/** What became of one message for one linked device. Kept after the message is gone, for accounting. */
export interface Delivery {
  readonly id: string;
  /** Phone number of the sender. */
  readonly from: string;
  /** Phone number of the account. */
  readonly to: string;
  /** Linked device of the account. */
  readonly device: number;
  /** Milliseconds since 1970. */
  readonly queuedAt: number;
  /** How often the message was written to a socket. */
  handedOver: number;
  /** How often the device asked for it again because it could not decrypt it. */
  retries: number;
  /** How many of those were followed by an ack with error 500. */
  refusals?: number;
  /** When a receipt or an ack came; the message is not sent again after that. */
  settledAt?: number;
  /** A receipt is the product's word that it has the message; `nack` is an ack with an error. */
  outcome?: 'receipt' | 'ack' | 'nack' | 'unlinked';
  /** The error code of a `nack`. */
  code?: number;
}

/** Something a device has to confirm: a message, a receipt or a notification. */
export interface Parcel {
  /** `message:ID`, `receipt:TYPE:ID:PARTICIPANT` or `notification:ID`. */
  readonly key: string;
  node: BinaryNode;
  /** The node in its wire form, when it was encoded ahead of time. */
  encoded?: Buffer;
  /** Present on messages. */
  readonly delivery?: Delivery;
  /** Makes the node anew when the device could not decrypt it; `count` is what the retry receipt said. */
  readonly remake?: (count: number, retry: BinaryNode) => Promise<BinaryNode>;
  /** Called once the device has it, refused it, or is gone. */
  readonly settled?: (parcel: Parcel) => void;
}

/** What a linked device has not confirmed yet, oldest first. It survives the device's connections. */
export class Mailbox {
  readonly #parcels = new Map<string, Parcel>();

  get size(): number {
    return this.#parcels.size;
  }

  /** Adds a parcel, or replaces the one with the same key at its old place. */
  put(parcel: Parcel): void {
    this.#parcels.set(parcel.key, parcel);
  }

  get(key: string): Parcel | undefined {
    return this.#parcels.get(key);
  }

  /** Everything that waits, oldest first. */
  pending(): Parcel[] {
    return [...this.#parcels.values()];
  }

  /** Takes a confirmed parcel out. */
  take(key: string): Parcel | undefined {
    const parcel = this.#parcels.get(key);
    if (parcel) this.#parcels.delete(key);
    return parcel;
  }

  /** Takes everything out. */
  empty(): Parcel[] {
    const parcels = this.pending();
    this.#parcels.clear();
    return parcels;
  }
}
