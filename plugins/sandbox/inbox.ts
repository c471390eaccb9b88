import type { proto } from '@whiskeysockets/baileys';
import { Listeners } from './listeners.ts';

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

/** Decrypted messages in the order they came, each once. */
export class Inbox {
  readonly messages: InboxMessage[] = [];
  readonly #byId = new Map<string, InboxMessage>();
  readonly #arrivals = new Listeners<{ message: InboxMessage }>();

  /** False when it was there already: a resent message decrypts like a new one. */
  add(message: InboxMessage): boolean {
    if (this.#byId.has(message.id)) return false;
    this.#byId.set(message.id, message);
    this.messages.push(message);
    this.#arrivals.emit('message', message);
    return true;
  }

  find(id: string): InboxMessage | undefined {
    return this.#byId.get(id);
  }

  /** Forgets what came so far: a long load test would keep it all. */
  clear(): void {
    this.messages.length = 0;
    this.#byId.clear();
  }

  /** The first message that `accept` says yes to, now or within `timeoutMs`. */
  wait(accept: (message: InboxMessage) => boolean = () => true, timeoutMs?: number): Promise<InboxMessage> {
    const present = this.messages.find(accept);
    return present ? Promise.resolve(present) : this.#arrivals.next('message', accept, timeoutMs);
  }
}
