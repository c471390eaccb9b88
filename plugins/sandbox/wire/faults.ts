/** What the server can be told to do wrong until it is told to stop, or a number of times. */
export type Fault = {
  /** Only this account. */
  readonly phone?: string;
  /** Only the client with this Noise key, base64: the second field of a QR code. It need not be linked. */
  readonly noiseKey?: string;
  readonly times?: number;
} & (
  | { readonly kind: 'silence' }
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'refuse-upgrade'; readonly status: number; readonly hold?: boolean }
  | { readonly kind: 'ignore-upgrade' }
  | { readonly kind: 'refuse-login'; readonly reason: number; readonly expire?: number }
  | { readonly kind: 'disconnect-at-login'; readonly how: Disconnect }
  | { readonly kind: 'no-restart' }
  | { readonly kind: 'refuse-message'; readonly code: number }
  /** A request for a pairing code; `phone` is the account that is to be linked, `backoff` when to ask again, in seconds. */
  | { readonly kind: 'refuse-code'; readonly code: number; readonly backoff?: number }
  | { readonly kind: 'no-message-ack' }
  /** The ack names other devices than the message was for. */
  | { readonly kind: 'missed-device' }
  /** The account's other devices are not told when one is linked or unlinked. */
  | { readonly kind: 'untold-device' }
  /** The ack says that the sender's hidden ids are stale. */
  | { readonly kind: 'refresh-lid' }
  | { readonly kind: 'garble' }
  /** What is handed over again carries the time of that moment, not of its first sending. */
  | { readonly kind: 'new-time' }
  | { readonly kind: 'no-history' }
  /** With `done` what is asked for is done, and the answer gets lost. */
  | { readonly kind: 'unanswered'; readonly xmlns: string; readonly done?: boolean }
  /** A query is refused with a code, and not done. */
  | { readonly kind: 'refuse-query'; readonly xmlns: string; readonly code: number; readonly backoff?: number }
  /** Downloads of files go wrong; `phone` is whoever sent the file. */
  | {
      readonly kind: 'media';
      readonly how: 'hang' | 'status' | 'damage' | 'truncate' | 'cut' | 'slow';
      /** Of `status`; 404 when absent. */
      readonly status?: number;
      /** Of `slow`: between two pieces of 64 KB; 100 when absent. */
      readonly delayMs?: number;
    }
  | { readonly kind: 'no-reupload' }
);

export type FaultKind = Fault['kind'];

/**
 * How sessions end. A number is the code that Baileys reports for it (docs/protocol.md, "How sessions end"); `close` is a closing
 * handshake of the websocket, `reset` a TCP reset, `end` WhatsApp's `<xmlstreamend/>`: all three are 428. `ack` is the
 * `<stream:error><ack/></stream:error>` that WhatsApp sends when it misses an acknowledgement, often around media.
 */
export type Disconnect =
  | 'close'
  | 'reset'
  | 'end'
  | 'ack'
  | 401
  | 402
  | 403
  | 405
  | 406
  | 409
  | 411
  | 413
  | 414
  | 415
  | 418
  | 440
  | 500
  | 501
  | 503
  | 515
  | 516;

/** A fault that is on. */
export interface ActiveFault {
  readonly id: string;
  readonly fault: Fault;
  /** How often it may still strike; `Infinity` for one that lasts. */
  readonly left: number;
  /** Takes it back. Safe to call twice. */
  clear(): void;
}

/** Whom a fault may concern, as far as known: a connection, for instance. */
export interface Concerned {
  readonly number?: string | undefined;
  readonly noiseKey?: string | undefined;
}

type OfKind<K extends FaultKind> = Extract<Fault, { kind: K }>;
interface Entry {
  readonly id: string;
  readonly fault: Fault;
  left: number;
}

/** The faults that are on. Those with a `phone` or a `noiseKey` concern that account or that client only. */
export class Faults {
  readonly #entries = new Map<string, Entry>();
  readonly #onClear: (fault: Fault) => void;
  #count = 0;

  /** `onClear` is told when a fault ends, so that what was held back can go out. */
  constructor(onClear: (fault: Fault) => void = () => undefined) {
    this.#onClear = onClear;
  }

  /** Whether nothing is wrong: the fast path of every stanza. */
  get none(): boolean {
    return this.#entries.size === 0;
  }

  /** Switches a fault on. Without `times` it lasts until cleared. */
  set(fault: Fault): ActiveFault {
    const entry: Entry = { id: `fault-${++this.#count}`, fault, left: fault.times ?? Number.POSITIVE_INFINITY };
    this.#entries.set(entry.id, entry);
    return this.#describe(entry);
  }

  /** Takes one back, or all of them. False when there is no such fault. */
  clear(id?: string): boolean {
    const entries = id === undefined ? [...this.#entries.values()] : [this.#entries.get(id)];
    for (const entry of entries) {
      if (!entry) return false;
      this.#entries.delete(entry.id);
      this.#onClear(entry.fault);
    }
    return true;
  }

  list(): ActiveFault[] {
    return [...this.#entries.values()].map((entry) => this.#describe(entry));
  }

  /** The fault of a kind that concerns somebody, without using it up. */
  find<K extends FaultKind>(kind: K, who: Concerned): OfKind<K> | undefined {
    return this.#entry(kind, who)?.fault as OfKind<K> | undefined;
  }

  /** The same, and counts the strike. */
  strike<K extends FaultKind>(kind: K, who: Concerned, accept?: (fault: OfKind<K>) => boolean): OfKind<K> | undefined {
    const entry = this.#entry(kind, who, (fault) => accept?.(fault as OfKind<K>) ?? true);
    if (!entry) return undefined;
    entry.left -= 1;
    if (entry.left <= 0) this.#entries.delete(entry.id);
    return entry.fault as OfKind<K>;
  }

  #entry(kind: FaultKind, who: Concerned, accept: (fault: Fault) => boolean = () => true): Entry | undefined {
    if (this.none) return undefined;
    for (const entry of this.#entries.values())
      if (entry.fault.kind === kind && concerns(entry.fault, who) && accept(entry.fault)) return entry;
    return undefined;
  }

  #describe(entry: Entry): ActiveFault {
    return {
      id: entry.id,
      fault: entry.fault,
      get left() {
        return entry.left;
      },
      clear: () => void this.clear(entry.id),
    };
  }
}

/** Whether a fault concerns somebody: everybody, or this account and this client. */
export const concerns = ({ phone, noiseKey }: Fault, who: Concerned): boolean =>
  (phone === undefined || phone === who.number) && (noiseKey === undefined || noiseKey === who.noiseKey);
