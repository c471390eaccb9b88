import { type BinaryNode, proto } from '@whiskeysockets/baileys';
import { AppState } from '../app-state/app-state.ts';
import { notify } from '../delivery/notify.ts';
import type { Sent } from '../delivery/prepared.ts';
import { dispatch, wrap } from '../delivery/sending.ts';
import type { Attachment } from '../files/attachments.ts';
import { historyOf } from '../history/history.ts';
import type { HistorySpec } from '../history/history-book.ts';
import type { Linkings } from '../linking/linkings.ts';
import { Primary } from '../linking/primary.ts';
import { unlink } from '../linking/unlinking.ts';
import { confirmOnPhone, writeOnPhone } from '../messages/own-phone.ts';
import { type DailyNotice, tellDaily } from '../notifications/daily.ts';
import { Account } from '../profile/account.ts';
import { node } from '../wire/nodes.ts';
import type { DeviceProps } from '../wire/registration.ts';
import type { Device, Person } from '../world/people.ts';
import type { World } from '../world/world.ts';
import { NamedPerson } from './named-person.ts';
import { Standing } from './standing.ts';

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
export class Phone extends NamedPerson {
  readonly #world: World;
  readonly #person: Person;
  /** Its part in linking devices. */
  readonly primary: Primary;
  readonly appState: AppState;
  /** What its owner does to chats, contacts and its own profile. */
  readonly account: Account;
  /** What WhatsApp lets the account do. */
  readonly standing: Standing;
  /** What devices that are linked from now on are handed; nothing when there is none. */
  history: HistorySpec | undefined;
  #named: Promise<unknown> | undefined;

  constructor(world: World, linkings: Linkings, person: Person) {
    super(person);
    this.#world = world;
    this.primary = new Primary(world, linkings, person);
    this.#person = person;
    this.standing = new Standing(world, person);
    const keep = (): void => world.journal?.mark('app-state', person.number, () => this.appState.save());
    this.appState = new AppState(person.number, world.clock.now(), keep);
    this.account = new Account(world, person, this.appState, (collection) => this.announce(collection));
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
    return this.#describe(await this.primary.scan(qr));
  }

  /**
   * Types a pairing code, with or without its dash. Resolves like {@link scan}. Rejects when no client waits for this
   * number, or when the code was wrong.
   */
  async enterCode(code: string): Promise<LinkedDevice> {
    return this.#describe(await this.primary.enterCode(code));
  }

  /** Writes to somebody, or sends a file, on the phone itself: a sign of life, of which each linked device gets a copy. */
  write(to: string, content: string | Attachment, id?: string): Promise<Sent> {
    return writeOnPhone(this.#world, this.#person, to, content, id);
  }

  /** Confirms a message that a linked device wrote to somebody: a sign of life, too. No phone does so unasked. */
  confirm(id: string, to: string): void {
    confirmOnPhone(this.#world, this.#person, id, to);
  }

  /** Removes linked devices: one, or all of them. They are told `device_removed` (401). False when there was none. */
  unlink(device?: number): boolean {
    const devices = [...this.#person.devices.values()].filter((one) => device === undefined || one.id === device);
    for (const one of devices) unlink(this.#world, one, 'phone');
    return devices.length > 0;
  }

  /** Leaves the linked devices no more than this many one-time keys, as a server would that has handed them out. */
  drainPreKeys(left: number): void {
    for (const device of this.#person.devices.values()) {
      device.preKeys.splice(left);
      device.preKeysChanged();
    }
  }

  /** Tells the linked devices what WhatsApp tells them in daily life. */
  tell(notice: DailyNotice): void {
    tellDaily(this.#world, this.#person, notice);
  }

  /** Sends a stanza to the linked devices that are live, as it is: what the sandbox has no word for. */
  sendStanza(stanza: BinaryNode): void {
    for (const { connection, online } of this.#person.devices.values()) if (online) connection?.send(stanza);
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
      notify(this.#world, device, 'server_sync', [node('collection', { name: collection, version })]);
    }
  }

  /**
   * What a phone sends to a newly linked device: its app state keys, then its history. Without one Baileys waits 20 s at
   * the first login (docs/protocol.md, "Login" and "History and app state").
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
    if (this.#world.faults.strike('no-history', { number: this.number, noiseKey: device.keys.noiseKey })) return;
    for await (const part of historyOf(this.#world, this.#person, device, this.history)) {
      await this.#tell(device, { type: Type.HISTORY_SYNC_NOTIFICATION, historySyncNotification: part });
    }
  }

  async #tell(device: Device, protocolMessage: proto.Message.IProtocolMessage): Promise<void> {
    const envelope = {
      id: this.#world.newId(),
      sender: this.#person,
      addressing: 'pn' as const,
      message: { protocolMessage },
      attrs: { category: 'peer' },
    };
    dispatch(this.#world, device, await wrap(this.#world, envelope, device));
  }

  #describe(device: Device): LinkedDevice {
    const described = this.devices().find((one) => one.id === device.id);
    if (!described) throw new Error(`device ${device.id} of '${this.number}' is not linked any more`);
    return described;
  }
}
