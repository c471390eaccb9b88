import type { Client } from '../world/people.ts';
import type { PendingLink } from './pair-success.ts';
import type { CompanionHello } from './pairing-code.ts';

/** Clients that are about to be linked. They are forgotten with their connections. */
export class Linkings {
  /** Those that were sent their identity and have to sign it. */
  readonly pending = new Map<Client, PendingLink>();
  /** Those that wait for a pairing code to be typed, by phone number. */
  readonly hellos = new Map<string, CompanionHello>();

  /** The connection is gone. */
  closed(connection: Client): void {
    this.giveUp(connection, new Error('the client went away before the linking was complete'));
    for (const [number, hello] of this.hellos) if (hello.connection === connection) this.hellos.delete(number);
  }

  /** Ends a linking that cannot be completed. Nothing happens when there is none. */
  giveUp(connection: Client, error: Error): void {
    this.pending.get(connection)?.settle.reject(error);
    this.pending.delete(connection);
  }
}
