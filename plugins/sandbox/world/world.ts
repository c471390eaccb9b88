import { randomBytes } from 'node:crypto';
import type { Clock } from 'waha-runtime';
import { MediaStore } from '../files/media-server.ts';
import { Journal, type SandboxState, type StateRow } from '../state/journal.ts';
import { type Fault, Faults } from '../wire/faults.ts';
import { type Address, digitsOf, jidOf } from '../wire/jids.ts';
import type { SandboxEvents } from './events.ts';
import { Listeners } from './listeners.ts';
import type { Delivery } from './mailbox.ts';
import { otherFormOf } from './number-forms.ts';
import { type Client, type Device, Person } from './people.ts';
import type { Roster } from './roster.ts';

/**
 * How people are addressed: by hidden ids with the number beside them, as in accounts of today (`lid`); by numbers with the
 * hidden id beside them, as before (`pn`); or by numbers alone, as where nobody has a hidden id (`none`).
 */
export type AddressingWorld = 'lid' | 'pn' | 'none';

/** Whether the server answers `usync`, by which clients ask who is on WhatsApp, with which devices and which hidden id. */
export type UserSyncWorld = 'answered' | 'silent';

/** What a sandbox is made with. */
export interface WorldOptions {
  /** QR references per registration; WhatsApp sends 6. */
  refs: number;
  readonly clock: Clock;
  /** How people are addressed. */
  readonly addressing: AddressingWorld;
  /** Questions about people; answered when absent. */
  readonly userSync?: UserSyncWorld;
  /** How long a contact takes to confirm a message. Below 100 ms Baileys folds the receipt away. */
  readonly receiptDelayMs: number;
}

/** Counters since the start. */
export interface Counters {
  handshakes: number;
  registrations: number;
  links: number;
  logins: number;
  refusedLogins: number;
  /** Messages written to sockets, repetitions included. */
  handedOver: number;
  delivered: number;
  refusedByClient: number;
  retries: number;
  /** Messages the product sent. */
  outbound: number;
  receipts: number;
}

const noCounts = (): Counters => ({
  handshakes: 0,
  registrations: 0,
  links: 0,
  logins: 0,
  refusedLogins: 0,
  handedOver: 0,
  delivered: 0,
  refusedByClient: 0,
  retries: 0,
  outbound: 0,
  receipts: 0,
});

/**
 * What exists on the server, whoever is connected: people with their devices and mailboxes, who is in which group, open
 * connections, files, faults. It knows nothing of what people do; that is in the rooms above it.
 */
export class World {
  readonly people = new Map<string, Person>();
  /** Who is in which group, by the group's JID. */
  readonly rosters = new Map<string, Roster>();
  readonly connections = new Set<Client>();
  readonly events = new Listeners<SandboxEvents>();
  readonly faults = new Faults((fault) => this.onFaultLifted(fault));
  /** What became of every message. */
  readonly deliveries: Delivery[] = [];
  readonly media = new MediaStore();
  /** Where changes are noted, when the state outlives the process. */
  journal: Journal | undefined;
  /** Numbers that are not on WhatsApp. All others are. */
  readonly absent = new Set<string>();
  /** Numbers that cannot be put into groups, with WhatsApp's code for why. */
  readonly groupRefusals = new Map<string, 403 | 408 | 417 | 419>();
  /** Most simultaneous connections per Noise key, which is to say per session. */
  readonly mostSockets = new Map<string, number>();
  readonly stats = noCounts();
  /** Told when a fault ends, so that what was held back can go out. */
  onFaultLifted: (fault: Fault) => void = () => undefined;

  constructor(readonly options: WorldOptions) {}

  /** Notes changes in this state from here on. What it holds is put back by the caller, before `started`. */
  keepIn(state: SandboxState, rows: readonly StateRow[]): Journal {
    this.journal = new Journal(state, this.clock, rows, (error) => this.events.emit('not-kept', { error }));
    this.media.journal = this.journal;
    return this.journal;
  }

  get clock(): Clock {
    return this.options.clock;
  }

  /** Whether anybody has a hidden id. */
  get hasHiddenIds(): boolean {
    return this.options.addressing !== 'none';
  }

  /** What chats go by when nobody chose otherwise. */
  get usualKind(): Address['kind'] {
    return this.options.addressing === 'lid' ? 'lid' : 'pn';
  }

  /** Somebody's JID in a chat that goes by `kind`, and the other one, if there is one. */
  namesOf(number: string, kind: Address['kind'], device = 0): { jid: string; other?: string } {
    if (!this.hasHiddenIds) return { jid: jidOf('pn', number, device) };
    return { jid: jidOf(kind, number, device), other: jidOf(kind === 'pn' ? 'lid' : 'pn', number) };
  }

  /** How somebody is named in a chat of many; undefined in a chat of two. */
  authorIn(chat: string, number: string): string | undefined {
    if (chat.endsWith('@broadcast')) return this.namesOf(number, this.usualKind).jid;
    return this.rosters.get(chat)?.jidOf(number);
  }

  /** The time in seconds, as stanzas carry it. */
  seconds(): number {
    return Math.floor(this.clock.now() / 1000);
  }

  /** An id for a stanza or a message, in the form phones use. */
  newId(): string {
    return `3A${randomBytes(9).toString('hex').toUpperCase()}`;
  }

  /** The person with a number. Comes into being when first asked for. */
  person(number: string, name?: string): Person {
    const digits = digitsOf(number);
    const known = this.people.get(digits);
    const person = known ?? new Person(digits, name ?? `User ${digits.slice(-4)}`, this.journal);
    this.people.set(digits, person);
    if (known && (name === undefined || name === known.name)) return known;
    if (name !== undefined) person.name = name;
    person.changed();
    return person;
  }

  /**
   * The number of the account that a written number reaches; undefined when there is none. Every number has one, unless it was
   * called absent, or the same line is known in its other form: nobody has both.
   */
  accountOf(written: string): string | undefined {
    const isThere = (number: string): boolean => this.people.has(number) && !this.absent.has(number);
    const other = otherFormOf(written);
    if (!isThere(written) && other !== undefined && isThere(other)) return other;
    return this.absent.has(written) ? undefined : written;
  }

  /** Whether an account has exactly this number. */
  isAccount(number: string): boolean {
    return this.accountOf(number) === number;
  }

  /** The linked device of an address, if there is one. */
  device(address: Address): Device | undefined {
    return this.people.get(address.number)?.devices.get(address.device);
  }

  /** Those who are in a group. */
  membersOf(roster: Roster): Person[] {
    return [...roster.members.keys()].map((number) => this.person(number));
  }

  /** Something came, or happened inside, that should not have. */
  broken(connection: Client | undefined, error: unknown): void {
    const cause = error instanceof Error ? error : new Error(String(error));
    this.events.emit('broken', { ...(connection?.number ? { phone: connection.number } : {}), error: cause });
  }
}
