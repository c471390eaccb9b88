import type { Client, Device } from '../world/people.ts';
import type { Ceremony } from './ceremony.ts';
import type { CompanionHello } from './pairing-code.ts';

/** A linking that waits for the client's signature. */
export interface PendingLink {
  /** What it will be once the client has signed. */
  readonly device: Device;
  /** Id of the stanza the client answers. */
  readonly id: string;
  readonly details: Uint8Array;
  readonly settle: { resolve(device: Device): void; reject(error: Error): void };
}

/** Clients that are about to be linked. They are forgotten with their connections. */
export class Linkings {
  /** Those that were sent their identity and have to sign it. */
  readonly pending = new Map<Client, PendingLink>();
  /** Those that wait for a pairing code to be typed, by phone number. */
  readonly hellos = new Map<string, CompanionHello>();
  /** Passkey ceremonies that are under way. */
  readonly ceremonies = new Map<Client, Ceremony>();
  /** Secrets of QR codes that are not valid any more, base64. */
  readonly #retired = new Map<Client, Set<string>>();
  /** What was said to a client that has no account yet, by stanza id: whether it has confirmed it. */
  readonly #told = new Map<Client, Map<string, { readonly type: string; confirmed: boolean }>>();

  retire(connection: Client, secret: string): void {
    const secrets = this.#retired.get(connection) ?? new Set();
    this.#retired.set(connection, secrets.add(secret));
  }

  isRetired(connection: Client, secret: string): boolean {
    return this.#retired.get(connection)?.has(secret) ?? false;
  }

  /** A notification went to a client that is not linked; it has to acknowledge it all the same. */
  told(connection: Client, id: string, type: string): void {
    const told = this.#told.get(connection) ?? new Map();
    this.#told.set(connection, told.set(id, { type, confirmed: false }));
  }

  confirmed(connection: Client, id: string): void {
    const notice = this.#told.get(connection)?.get(id);
    if (notice) notice.confirmed = true;
  }

  /** The notifications to a client that is not linked, oldest first. */
  notices(connection: Client): { readonly type: string; readonly confirmed: boolean }[] {
    return [...(this.#told.get(connection)?.values() ?? [])].map((notice) => ({ ...notice }));
  }

  /** The connection is gone. */
  closed(connection: Client): void {
    const gone = new Error('the client went away before the linking was complete');
    this.giveUp(connection, gone);
    this.endCeremony(connection, gone);
    this.#retired.delete(connection);
    this.#told.delete(connection);
    for (const [number, hello] of this.hellos) if (hello.connection === connection) this.hellos.delete(number);
  }

  /** Ends a linking that cannot be completed. Nothing happens when there is none. */
  giveUp(connection: Client, error: Error): void {
    this.pending.get(connection)?.settle.reject(error);
    this.pending.delete(connection);
  }

  /** Ends a passkey ceremony that cannot be completed. Nothing happens when there is none. */
  endCeremony(connection: Client, error: Error): void {
    this.ceremonies.get(connection)?.fail(error);
    this.ceremonies.delete(connection);
  }
}
