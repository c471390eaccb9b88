import type { Connection } from './connection.ts';
import { lidJid, pnJid } from './jids.ts';
import { Mailbox } from './mailbox.ts';
import { SenderKeys } from './sender-keys.ts';
import { type KeyBundle, SignalParty } from './signal.ts';

/** What a client says about itself when it is linked: what a phone shows under "linked devices". */
export interface DeviceProps {
  /** `browser[0]` of Baileys, for instance `Mac OS`. */
  readonly os: string;
  /** Name in `DeviceProps.PlatformType`, for instance `CHROME` or `DESKTOP`. */
  readonly platformType: string;
  /** Whether the client asked for the whole history. */
  readonly requireFullSync: boolean;
  /** Client version, for instance `2.3000.1043857760`. */
  readonly version: string;
}

/** The Signal keys a client registers with. */
export interface DeviceKeys {
  /** Base64 of the Noise static key: recognises the device at login. */
  readonly noiseKey: string;
  readonly identity: Buffer;
  readonly registrationId: number;
  readonly signedPreKey: KeyBundle['signedPreKey'];
}

/** A linked device as the server keeps it. It outlives its connections. */
export class Device {
  readonly mailbox = new Mailbox();
  readonly preKeys: { readonly id: number; readonly value: Uint8Array }[] = [];
  signedPreKey: KeyBundle['signedPreKey'];
  /** The connection that is logged in, if any. */
  connection: Connection | undefined;
  /** Successful logins so far. */
  logins = 0;
  /** What it said about itself last; null before it said anything since its login. */
  presence: 'available' | 'unavailable' | null = null;
  /** Whether the phone has sent app state keys and history. */
  welcomed = false;
  /** Set when the low stock of one-time keys was announced; cleared by the next upload. */
  lowStockAnnounced = false;

  constructor(
    readonly person: Person,
    readonly id: number,
    readonly keys: DeviceKeys,
    readonly props: DeviceProps,
    /** Milliseconds since 1970. */
    readonly linkedAt: number,
  ) {
    this.signedPreKey = keys.signedPreKey;
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
    return { registrationId, identity, signedPreKey: this.signedPreKey, preKey: this.preKeys.shift() };
  }
}

/** Somebody with a phone number: the owner of linked devices, a contact, or both. */
export class Person {
  readonly devices = new Map<number, Device>();
  /** Keys for groups, of the phone itself (device 0). */
  readonly senderKeys = new SenderKeys();
  #party: SignalParty | undefined;
  #nextDevice = 1;

  constructor(
    readonly number: string,
    public name: string,
  ) {}

  /** The Signal side of the phone itself (device 0). Made on first use: 12 ms. */
  get party(): SignalParty {
    this.#party ??= new SignalParty();
    return this.#party;
  }

  get jid(): string {
    return pnJid(this.number);
  }

  get lid(): string {
    return lidJid(this.number);
  }

  /** Numbers are not used twice, so a device that was removed never comes back as another. */
  claimDeviceId(): number {
    return this.#nextDevice++;
  }
}
