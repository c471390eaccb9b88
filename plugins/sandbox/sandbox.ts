import type { Clock } from 'waha-runtime';
import { systemClock } from './clock.ts';
import type { SandboxEvents } from './delivery/events.ts';
import type { Delivery } from './delivery/mailbox.ts';
import { type Counters, Network } from './network.ts';
import type { Call } from './people/calls.ts';
import type { Contact } from './people/contacts.ts';
import type { Group, GroupOptions } from './people/groups.ts';
import type { Phone } from './people/phone.ts';
import { Servers } from './servers.ts';
import type { SandboxState } from './state/journal.ts';
import { ROOT_KEY } from './wire/certificates.ts';
import { disconnect } from './wire/disconnects.ts';
import type { Disconnect, Faults } from './wire/faults.ts';
import { digitsOf } from './wire/jids.ts';
import { tlsIdentity } from './wire/tls-certificate.ts';

export type { SandboxEvents } from './delivery/events.ts';
export type { Delivery } from './delivery/mailbox.ts';
export type { AppStateEntry, Modification } from './people/app-state.ts';
export type { Attachment, MediaKind } from './people/attachments.ts';
export type { Call, CallOptions } from './people/calls.ts';
export type { Contact, SeenChatState } from './people/contacts.ts';
export type { Group, GroupOptions } from './people/groups.ts';
export type { InboxMessage } from './people/inbox.ts';
export type { LinkedDevice, Phone } from './people/phone.ts';
export type { Prepared, Sent } from './people/prepared.ts';
export { memoryState, type SandboxState, type StateRow } from './state/journal.ts';
export type { ActiveFault, Disconnect, Fault, FaultKind } from './wire/faults.ts';

/** What a sandbox can be made with. All of it is optional. */
export interface SandboxOptions {
  /** 0 (the default) takes a free port. */
  readonly port?: number;
  /** A loopback address; `127.0.0.1` by default. */
  readonly host?: string;
  /** QR references per registration. WhatsApp sends 6, and so does the sandbox. */
  readonly refs?: number;
  /** Milliseconds a contact takes to confirm a message; 200 by default. Baileys folds earlier ones away. */
  readonly receiptDelayMs?: number;
  readonly clock?: Clock;
  /**
   * Where the state is kept over a restart; without it everything is gone with the process. `later` lets no client in
   * before {@link Sandbox.open}.
   */
  readonly state?: SandboxState | 'later';
}

/** What a client needs to know to connect. */
export interface SandboxEndpoint {
  /** `ws://127.0.0.1:PORT/ws/chat` */
  readonly url: string;
  /** Public key that signs the server's certificates, 32 bytes as hex. Always the same. */
  readonly rootKey: string;
  /** Authority behind the media server's certificate, PEM. */
  readonly ca: string;
}

/** Counters, and how things stand now. */
export interface SandboxStats extends Counters {
  /** Open connections. */
  readonly sockets: number;
  /** Most connections that one session had open at the same time. More than 1 is a fault of the client. */
  readonly mostSocketsPerSession: number;
  readonly phones: number;
  readonly contacts: number;
  readonly devices: number;
  /** Messages, receipts and notifications that wait for a confirmation. */
  readonly waiting: number;
}

/** WhatsApp's server side on loopback, with the phones and contacts behind it. */
export class Sandbox {
  readonly endpoint: SandboxEndpoint;
  readonly #network: Network;
  readonly #servers: Servers;

  constructor(network: Network, servers: Servers) {
    this.#network = network;
    this.#servers = servers;
    this.endpoint = { url: servers.url, rootKey: ROOT_KEY, ca: tlsIdentity().ca };
  }

  /** Takes up the state of the run before, keeps what changes, and lets clients in: for a sandbox made with `later`. */
  async open(state: SandboxState | undefined): Promise<void> {
    if (state) await this.#network.open(state);
    await this.#servers.open();
  }

  /** Resolves when everything that has happened so far is kept. At once without a state. */
  async kept(): Promise<void> {
    await this.#network.journal?.durable();
  }

  /** The faults that are on, and the switch for more. */
  get faults(): Faults {
    return this.#network.faults;
  }

  /** A phone that can link devices. Comes into being when first asked for. */
  phone(number: string, options: { name?: string } = {}): Phone {
    return this.#network.phone(number, options.name);
  }

  phones(): Phone[] {
    return this.#network.phones();
  }

  /** Somebody to talk to. Comes into being when first asked for. */
  contact(number: string, options: { name?: string } = {}): Contact {
    return this.#network.contact(number, options.name);
  }

  contacts(): Contact[] {
    return this.#network.contacts();
  }

  /** Makes a group; the linked devices of its members are told. */
  group(options: GroupOptions): Group {
    return this.#network.createGroup(options);
  }

  groups(): Group[] {
    return [...this.#network.groups.values()];
  }

  /** Calls, and what became of them, oldest first. */
  calls(): Call[] {
    return this.#network.calls.list();
  }

  /** Answers a call on the phone, or declines it there: its linked devices stop ringing. Throws for an unknown call. */
  answerOnPhone(call: string, accepted = true): void {
    this.#network.calls.answerOnPhone(call, accepted);
  }

  /** Says that a number is not on WhatsApp, or is again. */
  absent(number: string, absent = true): void {
    const digits = digitsOf(number);
    if (absent) this.#network.absent.add(digits);
    else this.#network.absent.delete(digits);
    this.#network.journal?.mark('absent', digits, () => this.#network.absent.has(digits) || undefined);
  }

  /** How many QR references later registrations get. */
  set refs(count: number) {
    this.#network.options.refs = count;
  }

  /** Numbers for which a client waits for a pairing code to be typed. */
  pairing(): string[] {
    return [...this.#network.hellos.keys()];
  }

  /**
   * Ends connections now: those of one account, of one of its devices, of the client with this Noise key, or all.
   * Clients that are not linked yet have a Noise key and no number. With `hold` the last words are said and the socket stays
   * open. Gives the number of connections ended.
   */
  disconnect(
    how: Disconnect,
    target: { phone?: string; device?: number; noiseKey?: string; hold?: boolean } = {},
  ): number {
    const number = target.phone === undefined ? undefined : digitsOf(target.phone);
    const concerned = [...this.#network.connections].filter(
      ({ open, device, noiseKey }) =>
        open &&
        (target.noiseKey === undefined || noiseKey === target.noiseKey) &&
        (number === undefined || device?.person.number === number) &&
        (target.device === undefined || device?.id === target.device),
    );
    for (const connection of concerned) disconnect(connection, how, target.hold);
    return concerned.length;
  }

  /** What became of every message, per linked device, in the order of sending. One account's, or all. */
  deliveries(phone?: string): Delivery[] {
    const number = phone === undefined ? undefined : digitsOf(phone);
    return this.#network.deliveries.filter((delivery) => number === undefined || delivery.to === number);
  }

  /** Drops the accounts of deliveries that are settled: a long load test would keep them all. */
  forgetDeliveries(): void {
    const open = this.#network.deliveries.filter((delivery) => delivery.settledAt === undefined);
    this.#network.deliveries.splice(0, this.#network.deliveries.length, ...open);
  }

  stats(): SandboxStats {
    const devices = [...this.#network.people.values()].flatMap((person) => [...person.devices.values()]);
    return {
      ...this.#network.stats,
      sockets: [...this.#network.connections].filter((connection) => connection.open).length,
      mostSocketsPerSession: Math.max(0, ...this.#network.mostSockets.values()),
      phones: this.#network.phones().length,
      contacts: this.#network.contacts().length,
      devices: devices.length,
      waiting: devices.reduce((sum, device) => sum + device.mailbox.size, 0),
    };
  }

  /** Forgets how many connections sessions have had, so that a test can measure a part of its run. */
  resetMostSockets(): void {
    this.#network.mostSockets.clear();
  }

  /** Calls `listener` at every such event, until the returned function is called. */
  on<N extends keyof SandboxEvents>(name: N, listener: (payload: SandboxEvents[N]) => void): () => void {
    return this.#network.events.on(name, listener);
  }

  /** The next such event that `accept` says yes to. Rejects after `timeoutMs` (10 s). */
  next<N extends keyof SandboxEvents>(
    name: N,
    accept?: (payload: SandboxEvents[N]) => boolean,
    timeoutMs?: number,
  ): Promise<SandboxEvents[N]> {
    return this.#network.events.next(name, accept, timeoutMs);
  }

  /** Cuts all connections, stops listening and keeps the state. */
  async close(): Promise<void> {
    await this.#servers.close();
    await this.#network.journal?.close();
  }
}

/** Starts a sandbox in this process. Throws when the host is not loopback, or the port is taken. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { host = '127.0.0.1', port = 0, refs = 6, receiptDelayMs = 200, clock = systemClock, state } = options;
  const network = new Network({ refs, receiptDelayMs, clock });
  const sandbox = new Sandbox(network, await Servers.listen(network, host, port));
  if (state !== 'later') await sandbox.open(state);
  return sandbox;
}
