import { type Clock, systemClock } from 'waha-runtime';
import type { Call } from './calls/calls.ts';
import type { Directory } from './directory.ts';
import type { Group, GroupOptions } from './groups/group.ts';
import type { Groups } from './groups/groups.ts';
import type { RefreshPolicy } from './linking/policy.ts';
import { clientThatShows, type QrCode, readQr } from './linking/qr-code.ts';
import { refreshQr } from './linking/qr-refresh.ts';
import type { Channels } from './newsletters/channels.ts';
import type { Contact } from './people/contact.ts';
import type { Phone } from './people/phone.ts';
import { Server } from './server.ts';
import { Servers } from './servers.ts';
import type { SandboxState } from './state/journal.ts';
import { ROOT_KEY } from './wire/certificates.ts';
import { disconnect } from './wire/disconnects.ts';
import type { Disconnect, Faults } from './wire/faults.ts';
import { digitsOf } from './wire/jids.ts';
import type { DeviceProps } from './wire/registration.ts';
import { tlsIdentity } from './wire/tls-certificate.ts';
import type { SandboxEvents } from './world/events.ts';
import type { Delivery } from './world/mailbox.ts';
import type { AddressingWorld, Counters, UserSyncWorld, World } from './world/world.ts';

export type { AppStateEntry, Modification } from './app-state/app-state.ts';
export type { Call, CallOptions } from './calls/calls.ts';
export type { Prepared, Sent } from './delivery/prepared.ts';
export type { Attachment, MediaKind } from './files/attachments.ts';
export type { Group, GroupOptions } from './groups/group.ts';
export type { InboxMessage } from './messages/inbox.ts';
export type { Contact, SeenChatState } from './people/contact.ts';
export type { LinkedDevice, Phone } from './people/phone.ts';
export { memoryState, type SandboxState, type StateRow } from './state/journal.ts';
export type { ActiveFault, Disconnect, Fault, FaultKind } from './wire/faults.ts';
export type { SandboxEvents } from './world/events.ts';
export type { Delivery } from './world/mailbox.ts';

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
  /** How people are addressed; by hidden ids with the number beside them (`lid`) by default, as today. */
  readonly addressing?: AddressingWorld;
  /** Whether `usync` is answered, as WhatsApp does (`answered`, the default), or never (`silent`). */
  readonly userSync?: UserSyncWorld;
  readonly clock?: Clock;
  /** Where the state is kept over a restart; without it everything is gone with the process. */
  readonly state?: SandboxState;
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

/** A client that wants to be linked. */
export interface UnlinkedClient extends Omit<DeviceProps, 'requireFullSync'> {
  /** The second field of its QR codes. */
  readonly noiseKey: string;
  readonly refs: string[];
  /** Notifications to it, and whether it has acknowledged them. */
  readonly notices: { readonly type: string; readonly confirmed: boolean }[];
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
  readonly #world: World;
  readonly #directory: Directory;
  readonly #servers: Servers;

  constructor(server: Server, servers: Servers) {
    this.#world = server.world;
    this.#directory = server.directory;
    this.#servers = servers;
    this.endpoint = { url: servers.url, rootKey: ROOT_KEY, ca: tlsIdentity().ca };
  }

  /** Resolves when everything that has happened so far is kept. At once without a state. */
  async kept(): Promise<void> {
    await this.#world.journal?.durable();
  }

  /** The faults that are on, and the switch for more. */
  get faults(): Faults {
    return this.#world.faults;
  }

  /** A phone that can link devices. Comes into being when first asked for. */
  phone(number: string, options: { name?: string } = {}): Phone {
    return this.#directory.phone(number, options.name);
  }

  phones(): Phone[] {
    return this.#directory.phones();
  }

  /** Somebody to talk to. Comes into being when first asked for. */
  contact(number: string, options: { name?: string } = {}): Contact {
    return this.#directory.contact(number, options.name);
  }

  contacts(): Contact[] {
    return this.#directory.contacts();
  }

  /** Makes a group; the linked devices of its members are told. */
  group(options: GroupOptions): Group {
    return this.#directory.groups.create(options);
  }

  groups(): Group[] {
    return this.#directory.groups.list();
  }

  /** What people do to groups besides changing them: join, ask, refuse, picture. */
  get groupActs(): Groups {
    return this.#directory.groups;
  }

  /** Channels, and what is posted there. */
  get channels(): Channels {
    return this.#directory.channels;
  }

  /** Calls, and what became of them, oldest first. */
  calls(): Call[] {
    return this.#directory.calls.list();
  }

  /** Answers a call on the phone, or declines it there: its linked devices stop ringing. Throws for an unknown call. */
  answerOnPhone(call: string, accepted = true): void {
    this.#directory.calls.answerOnPhone(call, accepted);
  }

  /** Says that a number is not on WhatsApp, or is again. */
  absent(number: string, absent = true): void {
    const digits = digitsOf(number);
    if (absent) this.#world.absent.add(digits);
    else this.#world.absent.delete(digits);
    this.#world.journal?.mark('absent', digits, () => this.#world.absent.has(digits) || undefined);
  }

  /** How many QR references later registrations get. */
  set refs(count: number) {
    this.#world.options.refs = count;
  }

  /** Clients that want to be linked, and what they were told. */
  registrations(): UnlinkedClient[] {
    const { linkings } = this.#directory;
    return [...this.#world.connections].flatMap((connection) => {
      const { registration, open, noiseKey = '' } = connection;
      if (!registration || !open) return [];
      const { requireFullSync: _, ...props } = registration.props;
      return [{ noiseKey, ...props, refs: [...registration.refs], notices: linkings.notices(connection) }];
    });
  }

  /** Retires the secret of a QR code now; false when no client shows it. */
  refreshQr(qr: string | QrCode, child: RefreshPolicy['child'] = 'companion_reg_refresh'): boolean {
    const code = typeof qr === 'string' ? readQr(qr) : qr;
    const connection = clientThatShows(this.#world, code);
    if (connection) refreshQr(this.#world, this.#directory.linkings, connection, code.advSecret, child);
    return connection !== undefined;
  }

  /** Numbers for which a client waits for a pairing code to be typed. */
  pairing(): string[] {
    return [...this.#directory.linkings.hellos.keys()];
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
    const concerned = [...this.#world.connections].filter(
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
    return this.#world.deliveries.filter((delivery) => number === undefined || delivery.to === number);
  }

  /** Drops the accounts of deliveries that are settled: a long load test would keep them all. */
  forgetDeliveries(): void {
    const open = this.#world.deliveries.filter((delivery) => delivery.settledAt === undefined);
    this.#world.deliveries.splice(0, this.#world.deliveries.length, ...open);
  }

  stats(): SandboxStats {
    const devices = [...this.#world.people.values()].flatMap((person) => [...person.devices.values()]);
    return {
      ...this.#world.stats,
      sockets: [...this.#world.connections].filter((connection) => connection.open).length,
      mostSocketsPerSession: Math.max(0, ...this.#world.mostSockets.values()),
      phones: this.#directory.phones().length,
      contacts: this.#directory.contacts().length,
      devices: devices.length,
      waiting: devices.reduce((sum, device) => sum + device.mailbox.size, 0),
    };
  }

  /** Forgets how many connections sessions have had, so that a test can measure a part of its run. */
  resetMostSockets(): void {
    this.#world.mostSockets.clear();
  }

  /** Calls `listener` at every such event, until the returned function is called. */
  on<N extends keyof SandboxEvents>(name: N, listener: (payload: SandboxEvents[N]) => void): () => void {
    return this.#world.events.on(name, listener);
  }

  /** The next such event that `accept` says yes to. Rejects after `timeoutMs` (10 s). */
  next<N extends keyof SandboxEvents>(
    name: N,
    accept?: (payload: SandboxEvents[N]) => boolean,
    timeoutMs?: number,
  ): Promise<SandboxEvents[N]> {
    return this.#world.events.next(name, accept, timeoutMs);
  }

  /** Cuts all connections, stops listening and keeps the state. */
  async close(): Promise<void> {
    await this.#servers.close();
    await this.#world.journal?.close();
  }
}

/** Starts a sandbox in this process: the state of the run before is taken up before the first client is let in. Throws when the host is not loopback, or the port is taken. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const {
    host = '127.0.0.1',
    port = 0,
    refs = 6,
    receiptDelayMs = 200,
    addressing = 'lid',
    userSync = 'answered',
    clock = systemClock,
    state,
  } = options;
  const server = new Server({ refs, receiptDelayMs, addressing, userSync, clock });
  if (state) await server.open(state);
  try {
    return new Sandbox(server, await Servers.listen(server, host, port));
  } catch (error) {
    await server.world.journal?.close();
    throw error;
  }
}
