import type { BinaryNode } from '@whiskeysockets/baileys';
import { proto } from '@whiskeysockets/baileys';
import { notify } from '../delivery/notify.ts';
import type { Network } from '../network.ts';
import type { Connection } from '../wire/connection.ts';
import { type PendingLink, pairSuccess, readQr } from '../wire/linking.ts';
import { node, refusal, result } from '../wire/nodes.ts';
import type { DeviceProps } from '../wire/registration.ts';
import { Account } from './account.ts';
import { AppState } from './app-state.ts';
import type { Attachment } from './attachments.ts';
import { historyOf } from './history.ts';
import type { HistorySpec } from './history-book.ts';
import { confirmOnPhone, writeOnPhone } from './own-phone.ts';
import { finishPairing, type PrimaryHello, primaryHello } from './pairing-code.ts';
import { Device, type Person } from './people.ts';
import type { Sent } from './prepared.ts';
import { dispatch, wrap } from './sending.ts';

/** A linked device as the phone lists it. */
export interface LinkedDevice extends DeviceProps {
  readonly id: number;
  readonly jid: string;
  /** Milliseconds since 1970. */
  readonly linkedAt: number;
  /** Whether it is logged in. */
  readonly online: boolean;
  /** What it said about itself last; null before it said anything. */
  readonly presence: 'available' | 'unavailable' | null;
  readonly logins: number;
  /** One-time keys left on the server. */
  readonly preKeys: number;
  /** What it has not confirmed yet. */
  readonly waiting: number;
}

/** A phone: the owner of an account, who links and unlinks devices. */
export class Phone {
  readonly #network: Network;
  readonly #person: Person;
  readonly #pairings = new Map<Connection, PrimaryHello & Pick<PendingLink, 'settle'>>();
  readonly appState: AppState;
  /** What its owner does to chats, contacts and its own profile. */
  readonly account: Account;
  /** What a client is told that asks whether the account is restricted. */
  restriction: object = { is_active: false };
  /** What devices that are linked from now on are handed; nothing when there is none. */
  history: HistorySpec | undefined;
  #named: Promise<unknown> | undefined;

  constructor(network: Network, person: Person) {
    this.#network = network;
    this.#person = person;
    const keep = (): void => network.journal?.mark('app-state', person.number, () => this.appState.save());
    this.appState = new AppState(person.number, network.clock.now(), keep);
    this.account = new Account(network, person, this.appState, (collection) => this.announce(collection));
  }

  get number(): string {
    return this.#person.number;
  }

  /** The push name, which linked devices learn from app state. */
  get name(): string {
    return this.#person.name;
  }

  get jid(): string {
    return this.#person.jid;
  }

  get lid(): string {
    return this.#person.lid;
  }

  /** The linked devices, oldest first. */
  devices(): LinkedDevice[] {
    return [...this.#person.devices.values()].map((device) => ({
      ...device.props,
      id: device.id,
      jid: device.jid,
      linkedAt: device.linkedAt,
      online: device.connection?.open === true,
      presence: device.presence,
      logins: device.logins,
      preKeys: device.preKeys.length,
      waiting: device.mailbox.size,
    }));
  }

  /**
   * Scans a QR code. Resolves when the client has proved itself and was told to reconnect; it then still has to log in.
   * Rejects when the code is unknown, not of the client that shows it, or the client goes away.
   */
  async scan(qr: string): Promise<LinkedDevice> {
    const code = readQr(qr);
    const connection = [...this.#network.connections].find(
      (one) => one.open && one.registration?.refs.includes(code.ref),
    );
    const keys = connection?.registration?.keys;
    if (!connection || !keys) throw new Error('no client shows this QR code, or it is not valid any more');
    if (keys.noiseKey !== code.noiseKey || keys.identity.toString('base64') !== code.identity) {
      throw new Error('the keys in the QR code are not those of the client that shows it');
    }
    return this.#link(connection, Buffer.from(code.advSecret, 'base64'));
  }

  /**
   * Types a pairing code, with or without its dash. Resolves like {@link scan}. Rejects when no client waits for this
   * number, or when the code was wrong.
   */
  async enterCode(code: string): Promise<LinkedDevice> {
    const hello = this.#network.hellos.get(this.number);
    if (!hello?.connection.open) throw new Error(`no client waits for a pairing code of '${this.number}'`);
    const { identity } = this.#person.party;
    const { stanza, state } = await primaryHello(hello, code, identity, this.#network.clock.now());
    return new Promise((resolve, reject) => {
      const settle = { resolve: (device: Device) => resolve(this.#describe(device)), reject };
      this.#pairings.set(hello.connection, { ...state, settle });
      hello.connection.send(stanza);
    });
  }

  /** The client's answer to a typed code. A wrong code shows here (SANDBOX.md section 4). */
  finishPairing(connection: Connection, query: BinaryNode, registration: BinaryNode): void {
    const pairing = this.#pairings.get(connection);
    this.#pairings.delete(connection);
    if (!pairing) return void connection.send(refusal(query, 404, 'item-not-found'));
    try {
      const secret = finishPairing(pairing, this.#person.party.identity, registration);
      connection.send(result(query));
      this.#network.hellos.delete(this.number);
      this.#link(connection, secret, pairing.settle).catch(() => undefined);
    } catch {
      connection.send(refusal(query, 400, 'bad-request'));
      pairing.settle.reject(new Error('the pairing code is wrong'));
    }
  }

  /** Writes to somebody, or sends a file, on the phone itself: a sign of life, of which each linked device gets a copy. */
  write(to: string, content: string | Attachment): Promise<Sent> {
    return writeOnPhone(this.#network, this.#person, to, content);
  }

  /** Confirms a message that a linked device wrote to somebody: a sign of life, too. No phone does so unasked. */
  confirm(id: string, to: string): void {
    confirmOnPhone(this.#network, this.#person, id, to);
  }

  /** Removes linked devices: one, or all of them. They are told `device_removed` (401). False when there was none. */
  unlink(device?: number): boolean {
    const devices = [...this.#person.devices.values()].filter((one) => device === undefined || one.id === device);
    for (const one of devices) this.#network.unlink(one, 'phone');
    return devices.length > 0;
  }

  /** Leaves the linked devices no more than this many one-time keys, as a server would that has handed them out. */
  drainPreKeys(left: number): void {
    for (const device of this.#person.devices.values()) {
      device.preKeys.splice(left);
      device.preKeysChanged();
    }
  }

  /**
   * Restricts the account from writing to new people, or lifts that; linked devices are told (`mex` notification
   * `NotificationUserReachoutTimelockUpdate`, read in Baileys' `messages-recv.js`). `until` is milliseconds since 1970.
   */
  timelock(lock: { active: boolean; until?: number; type?: string; silent?: boolean }): void {
    const payload = {
      is_active: lock.active,
      ...(lock.until === undefined ? {} : { time_enforcement_ends: String(Math.floor(lock.until / 1000)) }),
      ...(lock.type === undefined ? {} : { enforcement_type: lock.type }),
    };
    this.restriction = payload;
    this.#network.journal?.mark('phone', this.number, () => payload);
    if (lock.silent) return;
    const json = JSON.stringify({ data: { xwa2_notify_account_reachout_timelock: payload } });
    const update = node('update', { op_name: 'NotificationUserReachoutTimelockUpdate' }, Buffer.from(json));
    for (const device of this.#person.devices.values()) notify(this.#network, device, 'mex', [update]);
  }

  /** Changes the push name; linked devices are told. */
  async rename(name: string): Promise<void> {
    this.#person.name = name;
    this.#person.changed();
    this.#named = this.appState.change({ pushNameSetting: name });
    await this.#named;
    this.announce('critical_block');
  }

  /** Tells linked devices that a collection of app state has a new version. `except` made it itself. */
  announce(collection: string, except?: Device): void {
    const version = this.appState.patches(collection).length;
    for (const device of this.#person.devices.values()) {
      if (device === except || !device.welcomed) continue;
      notify(this.#network, device, 'server_sync', [node('collection', { name: collection, version })]);
    }
  }

  /**
   * What a phone sends to a newly linked device: its app state keys, then its history. Without one Baileys waits 20 s at
   * the first login (SANDBOX.md sections 5 and 7).
   */
  async greet(device: Device): Promise<void> {
    device.welcomed = true;
    await this.#shareState(device);
    device.greeted = true;
    device.changed();
  }

  async #shareState(device: Device): Promise<void> {
    const isNamed = this.appState.patches('critical_block').length > 0;
    this.#named ??= isNamed ? Promise.resolve() : this.appState.change({ pushNameSetting: this.name });
    await this.#named;
    const { Type } = proto.Message.ProtocolMessage;
    await this.#tell(device, {
      type: Type.APP_STATE_SYNC_KEY_SHARE,
      appStateSyncKeyShare: { keys: [this.appState.key] },
    });
    if (this.#network.faults.strike('no-history', { number: this.number, noiseKey: device.keys.noiseKey })) return;
    for await (const part of historyOf(this.#network, this.#person, device, this.history)) {
      await this.#tell(device, { type: Type.HISTORY_SYNC_NOTIFICATION, historySyncNotification: part });
    }
  }

  async #tell(device: Device, protocolMessage: proto.Message.IProtocolMessage): Promise<void> {
    const envelope = {
      id: this.#network.newId(),
      sender: this.#person,
      addressing: 'pn' as const,
      message: { protocolMessage },
      attrs: { category: 'peer' },
    };
    dispatch(this.#network, device, await wrap(this.#network, envelope, device));
  }

  /** From pair-success on the client takes itself for linked: the device is on record before. */
  async #link(connection: Connection, secret: Uint8Array, settle?: PendingLink['settle']): Promise<LinkedDevice> {
    const { registration } = connection;
    if (!registration) throw new Error('the client is linked already');
    const now = this.#network.clock.now();
    const { keys, props } = registration;
    const device = new Device(this.#person, this.#person.claimDeviceId(), keys, props, now);
    const { stanza, details } = pairSuccess(this.#person, device.id, keys.identity, secret, now);
    const linked = this.#signed(connection, { device, id: stanza.attrs['id'] ?? '', details }, settle);
    device.changed();
    const send = (): void => void connection.send(stanza);
    const { journal } = this.#network;
    const giveUp = (error: Error): void => {
      this.#network.links.get(connection)?.settle.reject(error);
      this.#network.links.delete(connection);
    };
    if (journal) journal.durable().then(send, giveUp);
    else send();
    return linked;
  }

  /** Waits for the client's signature. */
  #signed(
    connection: Connection,
    link: Omit<PendingLink, 'settle'>,
    settle?: PendingLink['settle'],
  ): Promise<LinkedDevice> {
    return new Promise((resolve, reject) => {
      const both: PendingLink['settle'] = {
        resolve: (device) => {
          settle?.resolve(device);
          resolve(this.#describe(device));
        },
        reject: (error) => {
          link.device.forget();
          settle?.reject(error);
          reject(error);
        },
      };
      this.#network.links.set(connection, { ...link, settle: both });
    });
  }

  #describe(device: Device): LinkedDevice {
    const described = this.devices().find((one) => one.id === device.id);
    if (!described) throw new Error(`device ${device.id} of '${this.number}' is not linked any more`);
    return described;
  }
}
