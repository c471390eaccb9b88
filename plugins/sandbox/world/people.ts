import { createHash } from 'node:crypto';
import type { SessionRecord } from 'libsignal';
import { SenderKeys } from '../signal/sender-keys.ts';
import { SignalParty } from '../signal/signal-party.ts';
import type { Journal } from '../state/journal.ts';
import type { Connection } from '../wire/connection.ts';
import { lidJid, pnJid } from '../wire/jids.ts';
import type { KeyBundle } from '../wire/key-bundle.ts';
import type { DeviceKeys, DeviceProps } from '../wire/registration.ts';
import { Mailbox } from './mailbox.ts';
import { Profile } from './profile.ts';

/** A one-time key of a device. */
export interface PreKey {
  readonly id: number;
  readonly value: Uint8Array;
}

/** A client's connection: it knows its linked device once it has logged in. */
export type Client = Connection<Device>;

/** A linked device as it is kept over a restart. */
export interface SavedDevice {
  readonly number: string;
  readonly id: number;
  readonly keys: DeviceKeys;
  readonly props: DeviceProps;
  readonly linkedAt: number;
  readonly signedPreKey: KeyBundle['signedPreKey'];
  readonly logins: number;
  readonly greeted: boolean;
}

/** A person as it is kept over a restart. */
export interface SavedPerson {
  readonly name: string;
  readonly nextDevice: number;
  /** How often it has registered anew. */
  readonly registrations?: number;
  readonly username?: string;
}

/** A linked device as the server keeps it. It outlives its connections. */
export class Device {
  readonly mailbox: Mailbox;
  readonly preKeys: PreKey[] = [];
  signedPreKey: KeyBundle['signedPreKey'];
  /** The connection that is logged in, if any. */
  connection: Client | undefined;
  /** Keys of the parcels that it was sent of those that waited for it, until it has had all of them. */
  backlog: Set<string> | undefined;
  /** Successful logins so far. */
  logins = 0;
  /** What it said about itself last; null before it said anything since its login. */
  presence: 'available' | 'unavailable' | null = null;
  /** Whether the phone has sent app state keys and history. */
  welcomed = false;
  /** Whether all of that is on its way. */
  greeted = false;
  /** Set when the low stock of one-time keys was announced; cleared by the next upload. */
  lowStockAnnounced = false;
  #kept = true;

  constructor(
    readonly person: Person,
    readonly id: number,
    readonly keys: DeviceKeys,
    readonly props: DeviceProps,
    /** Milliseconds since 1970. */
    readonly linkedAt: number,
  ) {
    this.signedPreKey = keys.signedPreKey;
    this.mailbox = new Mailbox(this.peer, person.journal);
  }

  /** Phone number of the account. */
  get number(): string {
    return this.person.number;
  }

  get jid(): string {
    return pnJid(this.person.number, this.id);
  }

  get lid(): string {
    return lidJid(this.person.number, this.id);
  }

  /** How Signal sessions with this device are filed. */
  get peer(): string {
    return `${this.person.number}:${this.id}`;
  }

  /** Whether stanzas may be pushed: logged in, and no longer passive. */
  get online(): boolean {
    return this.connection?.active === true;
  }

  /** The keys to start a session with it. Uses up a one-time key. */
  takeBundle(): KeyBundle {
    const { registrationId, identity } = this.keys;
    const preKey = this.preKeys.shift();
    if (preKey) this.preKeysChanged();
    return { registrationId, identity, signedPreKey: this.signedPreKey, preKey };
  }

  /** Has to be called after a change of anything but the stock of one-time keys. */
  changed(): void {
    this.person.journal?.mark('device', this.peer, () => (this.#kept ? this.#save() : undefined));
  }

  /** Has to be called after a change of the stock of one-time keys. */
  preKeysChanged(): void {
    this.person.journal?.mark('prekeys', this.peer, () => (this.#kept ? this.preKeys : undefined));
  }

  /** It is not linked any more, or never came to be: nothing of it is kept. */
  forget(): void {
    this.#kept = false;
    this.changed();
    this.preKeysChanged();
  }

  #save(): SavedDevice {
    const { id, keys, props, linkedAt, signedPreKey, logins, greeted } = this;
    return { number: this.person.number, id, keys, props, linkedAt, signedPreKey, logins, greeted };
  }
}

/** Somebody with a phone number: the owner of linked devices, a contact, or both. */
export class Person {
  readonly devices = new Map<number, Device>();
  /** What it shows to others, and whom it has blocked. */
  readonly profile: Profile;
  /** Keys for groups, of the phone itself (device 0). */
  readonly senderKeys: SenderKeys;
  /** Signal sessions of the phone itself, by peer. */
  readonly sessions = new Map<string, SessionRecord>();
  /** What it last showed others: online or not, and since when (seconds). */
  presence: { readonly state: 'available' | 'unavailable'; readonly at: number } | undefined;
  /** By which others find it without its number, in lower case. */
  username: string | undefined;
  #party: SignalParty | undefined;
  #nextDevice = 1;
  #registrations = 0;

  constructor(
    readonly number: string,
    public name: string,
    readonly journal?: Journal,
  ) {
    this.profile = new Profile(() => journal?.mark('profile', number, () => this.profile.save()));
    this.senderKeys = new SenderKeys((group) => {
      journal?.mark('sender-keys', `${number} ${group}`, () => this.senderKeys.save(group));
    });
  }

  /** The Signal side of the phone itself (device 0). Made on first use: 12 ms. */
  get party(): SignalParty {
    const changed = (peer: string) => this.#sessionChanged(peer);
    const name = this.#registrations === 0 ? this.number : `${this.number}, registered anew ${this.#registrations}`;
    this.#party ??= new SignalParty(name, { records: this.sessions, changed });
    return this.#party;
  }

  get jid(): string {
    return pnJid(this.number);
  }

  get lid(): string {
    return lidJid(this.number);
  }

  /** The phone is registered anew, on another machine: it has another identity and no Signal session any more. */
  registerAnew(): void {
    this.#registrations += 1;
    this.#party = undefined;
    for (const peer of [...this.sessions.keys()]) {
      this.sessions.delete(peer);
      this.#sessionChanged(peer);
    }
    this.senderKeys.forgetAll();
    this.changed();
  }

  /** The token by which this person lets an account write to it: it follows from both numbers and the registration. */
  tokenFor(account: string): Buffer {
    return createHash('sha256')
      .update(`token ${this.number} ${this.#registrations} ${account}`)
      .digest()
      .subarray(0, 16);
  }

  /** Numbers are not used twice, so a device that was removed never comes back as another. */
  claimDeviceId(): number {
    this.changed();
    return this.#nextDevice++;
  }

  /** Has to be called after a change of its names. */
  changed(): void {
    const save = (): SavedPerson => ({
      name: this.name,
      nextDevice: this.#nextDevice,
      registrations: this.#registrations,
      ...(this.username === undefined ? {} : { username: this.username }),
    });
    this.journal?.mark('person', this.number, save);
  }

  restore({ name, nextDevice, registrations = 0, username }: SavedPerson): void {
    this.username = username;
    this.#registrations = registrations;
    this.name = name;
    this.#nextDevice = nextDevice;
  }

  #sessionChanged(peer: string): void {
    this.journal?.mark('session', `${this.number} ${peer}`, () => this.sessions.get(peer)?.serialize());
  }
}
