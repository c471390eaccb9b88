import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Journal } from '../state/journal.ts';
import { encodeStanza } from '../wire/encoding.ts';

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

/** What a message was made of, as it is kept over a restart until it is confirmed. */
export interface Draft {
  readonly id: string;
  /** Phone number. */
  readonly sender: string;
  readonly addressing: 'pn' | 'lid';
  readonly message: Uint8Array;
  /** JID of the group it goes to. */
  readonly group?: string;
  /** Phone number of whom the account wrote to: a copy for its own devices. */
  readonly recipient?: string;
  /** The sender's key of that group. */
  readonly distribution?: Uint8Array;
  /** More attributes of the stanza. */
  readonly attrs?: Record<string, string>;
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
  /** What the message was made of, when a contact or a phone of this sandbox wrote it. */
  readonly draft?: () => Draft;
  /** Its place in the mailbox. */
  seq?: number;
  /** Makes the node anew when the device could not decrypt it; `count` is what the retry receipt said. */
  readonly remake?: (count: number, retry: BinaryNode) => Promise<BinaryNode>;
  /** Called once the device has it, refused it, or is gone. */
  readonly settled?: (parcel: Parcel) => void;
}

/** What a linked device has not confirmed yet, oldest first. It survives the device's connections. */
export class Mailbox {
  readonly #parcels = new Map<string, Parcel>();
  readonly #journal: Journal | undefined;
  readonly #peer: string;
  #seq = 0;

  /** `peer` is how the device is filed. */
  constructor(peer: string, journal?: Journal) {
    this.#peer = peer;
    this.#journal = journal;
  }

  get size(): number {
    return this.#parcels.size;
  }

  /** Adds a parcel, or replaces the one with the same key at its old place. */
  put(parcel: Parcel): void {
    parcel.seq ??= this.#parcels.get(parcel.key)?.seq ?? ++this.#seq;
    this.#parcels.set(parcel.key, parcel);
    this.#mark(parcel.key);
  }

  /** Puts back what was kept over a restart. Parcels come in any order. */
  restore(parcels: readonly Parcel[]): void {
    const inOrder = [...parcels].sort((one, other) => (one.seq ?? 0) - (other.seq ?? 0));
    for (const parcel of inOrder) this.#parcels.set(parcel.key, parcel);
    this.#seq = inOrder.at(-1)?.seq ?? 0;
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
    if (!parcel) return undefined;
    this.#parcels.delete(key);
    this.#mark(key);
    return parcel;
  }

  /** Takes everything out. */
  empty(): Parcel[] {
    const parcels = this.pending();
    this.#parcels.clear();
    for (const { key } of parcels) this.#mark(key);
    return parcels;
  }

  #mark(key: string): void {
    this.#journal?.mark('parcel', `${this.#peer} ${key}`, () => {
      const parcel = this.#parcels.get(key);
      return parcel && savedParcel(parcel);
    });
  }
}

/** A parcel as it is kept over a restart. */
export type SavedParcel = Pick<Parcel, 'key' | 'seq' | 'delivery'> & {
  readonly stanza: Uint8Array;
  readonly draft?: Draft;
};

const savedParcel = ({ key, seq, delivery, draft, node }: Parcel): SavedParcel => ({
  key,
  stanza: encodeStanza(node),
  ...(seq === undefined ? {} : { seq }),
  ...(delivery ? { delivery } : {}),
  ...(draft ? { draft: draft() } : {}),
});
