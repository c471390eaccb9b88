import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Clock } from 'waha-runtime';
import type { WebSocket } from 'ws';
import { abandon, handOverAll } from './delivery/delivery.ts';
import type { SandboxEvents } from './delivery/events.ts';
import { Listeners } from './delivery/listeners.ts';
import type { Delivery } from './delivery/mailbox.ts';
import { MediaStore } from './delivery/media-server.ts';
import { Calls } from './people/calls.ts';
import { Contact } from './people/contacts.ts';
import { Group, type GroupOptions } from './people/groups.ts';
import type { CompanionHello } from './people/pairing-code.ts';
import { type Device, Person } from './people/people.ts';
import { Phone } from './people/phone.ts';
import { Reuploads } from './people/reuploads.ts';
import { answer } from './stanzas/index.ts';
import { Journal, type SandboxState } from './state/journal.ts';
import { restore } from './state/restore.ts';
import { Connection, type ConnectionOwner } from './wire/connection.ts';
import { disconnect } from './wire/disconnects.ts';
import { concerns, type Fault, Faults } from './wire/faults.ts';
import { type Address, digitsOf } from './wire/jids.ts';
import type { PendingLink } from './wire/linking.ts';
import { admit } from './wire/login.ts';
import { node } from './wire/nodes.ts';
import type { ClientFinish } from './wire/noise.ts';

/** What a sandbox is made with. */
export interface NetworkOptions {
  /** QR references per registration; WhatsApp sends 6. */
  refs: number;
  readonly clock: Clock;
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

/** The server's state, which outlives its clients' connections: people, devices, mailboxes, faults. */
export class Network implements ConnectionOwner {
  readonly people = new Map<string, Person>();
  readonly connections = new Set<Connection>();
  readonly events = new Listeners<SandboxEvents>();
  readonly faults = new Faults((fault) => this.#lift(fault));
  readonly deliveries: Delivery[] = [];
  readonly media = new MediaStore();
  readonly reuploads = new Reuploads();
  readonly calls = new Calls(this);
  /** Where changes are noted, when the state outlives the process. */
  journal: Journal | undefined;
  /** By JID. */
  readonly groups = new Map<string, Group>();
  /** Numbers that are not on WhatsApp. All others are. */
  readonly absent = new Set<string>();
  /** Linkings that wait for the client's signature. */
  readonly links = new Map<Connection, PendingLink>();
  /** Clients that wait for a pairing code to be typed, by phone number. */
  readonly hellos = new Map<string, CompanionHello>();
  /** Most simultaneous connections per Noise key, which is to say per session. */
  readonly mostSockets = new Map<string, number>();
  readonly stats: Counters = {
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
  };
  #held: (() => void)[] | undefined;
  readonly #contacts = new Map<string, Contact>();
  readonly #phones = new Map<string, Phone>();

  constructor(readonly options: NetworkOptions) {}

  /** Lets no client in before {@link admitAll}. */
  hold(): void {
    this.#held ??= [];
  }

  /** Lets those in who wait, and everybody from here on. */
  admitAll(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const enter of held) enter();
  }

  /** Calls `enter` once clients are let in: at once, unless the state is not there yet. */
  whenOpen(enter: () => void): void {
    if (this.#held) this.#held.push(enter);
    else enter();
  }

  /** Takes up the state that was kept, and keeps what changes from here on. */
  async open(state: SandboxState): Promise<void> {
    const rows = await state.load();
    this.journal = new Journal(state, this.clock, rows, (error) => this.events.emit('not-kept', { error }));
    this.media.journal = this.journal;
    restore(this, rows);
    this.journal.start();
  }

  get clock(): Clock {
    return this.options.clock;
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

  /** What a number's phone does with messages: decrypts, confirms, writes. */
  contact(number: string, name?: string): Contact {
    const person = this.person(number, name);
    const contact = this.#contacts.get(person.number) ?? new Contact(this, person);
    this.#contacts.set(person.number, contact);
    return contact;
  }

  /** What a number's phone does with linked devices. */
  phone(number: string, name?: string): Phone {
    const person = this.person(number, name);
    const known = this.#phones.get(person.number);
    if (known) return known;
    const phone = new Phone(this, person);
    this.#phones.set(person.number, phone);
    this.journal?.mark('phone', phone.number, () => phone.restriction);
    return phone;
  }

  contacts(): Contact[] {
    return [...this.#contacts.values()];
  }

  phones(): Phone[] {
    return [...this.#phones.values()];
  }

  /** The linked device of an address, if there is one. */
  device(address: Address): Device | undefined {
    return this.people.get(address.number)?.devices.get(address.device);
  }

  /** Makes a group, and tells the linked devices of its members. `key` is what the creating client called it. */
  createGroup(options: GroupOptions, key = this.newId()): Group {
    const group = new Group(
      this,
      `12036${String(Date.now()).slice(-9)}${String(this.groups.size).padStart(4, '0')}@g.us`,
      options,
    );
    this.groups.set(group.jid, group);
    group.announce(group.owner, node('create', { type: 'new', key }, [group.describeNode()]));
    return group;
  }

  /** Takes over a websocket. */
  accept(socket: WebSocket, tcp: Socket): void {
    const connection = new Connection(socket, tcp, this);
    this.connections.add(connection);
    socket.on('close', () => this.#closed(connection));
  }

  finished(connection: Connection, finish: ClientFinish): void {
    this.stats.handshakes += 1;
    const noiseKey = finish.noiseKey.toString('base64');
    const open = [...this.connections].filter((other) => other.open && other.noiseKey === noiseKey).length;
    this.mostSockets.set(noiseKey, Math.max(open, this.mostSockets.get(noiseKey) ?? 0));
    this.events.emit('handshake', { noiseKey });
    admit(this, connection, finish);
  }

  received(connection: Connection, stanza: BinaryNode): void {
    answer(this, connection, stanza);
  }

  broken(connection: Connection | undefined, error: unknown): void {
    const cause = error instanceof Error ? error : new Error(String(error));
    this.events.emit('broken', { ...(connection?.number ? { phone: connection.number } : {}), error: cause });
  }

  /** Removes a linked device: it is told, its mailbox is dropped, its next login is refused. */
  unlink(device: Device, by: 'phone' | 'client'): void {
    if (!device.person.devices.delete(device.id)) return;
    const connection = device.connection;
    device.connection = undefined;
    device.forget();
    if (connection?.open && by === 'phone') disconnect(connection, 401);
    abandon(this, device);
    this.events.emit('unlink', { phone: device.person.number, device: device.id, by });
  }

  #closed(connection: Connection): void {
    this.connections.delete(connection);
    connection.active = false;
    const { device, noiseKey } = connection;
    if (device?.connection === connection) device.connection = undefined;
    this.links.get(connection)?.settle.reject(new Error('the client went away before the linking was complete'));
    this.links.delete(connection);
    for (const [number, hello] of this.hellos) if (hello.connection === connection) this.hellos.delete(number);
    this.events.emit('closed', {
      ...(device ? { phone: device.person.number, device: device.id } : {}),
      ...(noiseKey ? { noiseKey } : {}),
    });
  }

  /** After a silence, what was not confirmed goes out again to those who held on. */
  #lift(fault: Fault): void {
    if (fault.kind !== 'silence') return;
    for (const connection of this.connections) {
      const { device, active } = connection;
      if (device && active && concerns(fault, connection)) handOverAll(this, device, false);
    }
  }
}
