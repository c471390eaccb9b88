import { proto } from '@whiskeysockets/baileys';
import { Listeners } from '../world/listeners.ts';

/** A message that the product sent and a phone has decrypted. */
export interface InboxMessage {
  readonly id: string;
  /** Phone number of the sender. */
  readonly from: string;
  /** Linked device it was sent with. */
  readonly device: number;
  /** The JID it was addressed to: decides what receipts come from. */
  readonly chat: string;
  /** Whether it opened a Signal session, went on in one, or was encrypted for a whole group. */
  readonly encryption: 'pkmsg' | 'msg' | 'skmsg';
  /** Body, or caption. */
  readonly text?: string;
  readonly message: proto.IMessage;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A message of an inbox as it is kept over a restart. */
export type SavedMessage = Omit<InboxMessage, 'message'> & { readonly seq: number; readonly content: Uint8Array };

/** How much of an inbox is kept over a restart. */
const KEPT = 200;

/** Decrypted messages in the order they came, each once. */
export class Inbox {
  readonly #mark: Mark | undefined;
  #seq = 0;
  readonly messages: InboxMessage[] = [];
  readonly #byId = new Map<string, InboxMessage>();
  readonly #arrivals = new Listeners<{ message: InboxMessage }>();

  /** `mark` notes what changed by message id, for a sandbox that keeps its state. */
  constructor(mark?: Mark) {
    this.#mark = mark;
  }

  /** False when it was there already: a resent message decrypts like a new one. */
  add(message: InboxMessage): boolean {
    if (this.#byId.has(message.id)) return false;
    this.#byId.set(message.id, message);
    this.messages.push(message);
    const seq = ++this.#seq;
    this.#mark?.(message.id, () => (this.#isKept(message) ? savedMessage(message, seq) : undefined));
    const surplus = this.#mark && this.messages.at(-1 - KEPT);
    if (surplus) this.#mark?.(surplus.id, () => undefined);
    this.#arrivals.emit('message', message);
    return true;
  }

  /** Puts back what was kept over a restart. Messages come in any order. */
  restore(saved: readonly SavedMessage[]): void {
    for (const { seq, content, ...rest } of [...saved].sort((one, other) => one.seq - other.seq)) {
      const message: InboxMessage = { ...rest, message: proto.Message.decode(content) };
      this.#byId.set(message.id, message);
      this.messages.push(message);
      this.#seq = seq;
    }
  }

  find(id: string): InboxMessage | undefined {
    return this.#byId.get(id);
  }

  /** Forgets what came so far: a long load test would keep it all. */
  clear(): void {
    for (const { id } of this.#mark ? this.messages : []) this.#mark?.(id, () => undefined);
    this.messages.length = 0;
    this.#byId.clear();
  }

  /** The first message that `accept` says yes to, now or within `timeoutMs`. */
  wait(accept: (message: InboxMessage) => boolean = () => true, timeoutMs?: number): Promise<InboxMessage> {
    const present = this.messages.find(accept);
    return present ? Promise.resolve(present) : this.#arrivals.next('message', accept, timeoutMs);
  }

  #isKept(message: InboxMessage): boolean {
    return this.#byId.get(message.id) === message;
  }
}

type Mark = (id: string, snapshot: () => unknown) => void;

const savedMessage = ({ message, ...rest }: InboxMessage, seq: number): SavedMessage => ({
  ...rest,
  seq,
  content: proto.Message.encode(message).finish(),
});
