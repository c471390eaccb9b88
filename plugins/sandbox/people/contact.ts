import type { proto } from '@whiskeysockets/baileys';
import type { CallOptions, Calls } from '../calls/calls.ts';
import { textOf } from '../delivery/content.ts';
import { Prepared, type Sent } from '../delivery/prepared.ts';
import { type Attachment, attach, open } from '../files/attachments.ts';
import { confirm } from '../messages/confirming.ts';
import { Inbox, type InboxMessage, type SavedMessage } from '../messages/inbox.ts';
import { type Arrival, Reader } from '../messages/reading.ts';
import type { Reuploads } from '../messages/reuploads.ts';
import { tellDaily } from '../notifications/daily.ts';
import { setPicture } from '../profile/pictures.ts';
import { node } from '../wire/nodes.ts';
import type { Device, Person } from '../world/people.ts';
import type { Profile } from '../world/profile.ts';
import type { World } from '../world/world.ts';
import { NamedPerson } from './named-person.ts';
import { type EditOptions, type SendOptions, Writer } from './writer.ts';

/** What a contact was seen to be told: that an account is typing or recording. */
export interface SeenChatState {
  readonly from: string;
  readonly state: 'composing' | 'paused' | 'recording';
  readonly at: number;
}

/** How a contact behaves. Also what is kept of it over a restart. */
export interface ContactSettings {
  /** Whether messages are confirmed as delivered. On by default. */
  confirms: boolean;
  /** Whether messages are read as soon as they arrive. Off by default. */
  reads: boolean;
  /** Whether strangers need a token of it to write to it; it gives one to whom it writes. Off by default. */
  wantsToken?: boolean;
  /** How this contact is addressed in what it sends; as usual in its world by default. */
  addressing?: 'pn' | 'lid';
}

/** What contacts share: who calls whom, and which files can be uploaded again. */
export interface ContactServices {
  readonly calls: Calls;
  readonly reuploads: Reuploads;
}

/** Somebody with a phone, seen from outside: reads what the product sends, and writes to it. */
export class Contact extends NamedPerson {
  readonly #settings: ContactSettings = { confirms: true, reads: false };
  /** What the product was seen typing, oldest first. */
  readonly seen: SeenChatState[] = [];
  /** Copies that the account's own linked devices sent to this phone, oldest first. */
  readonly ownMessages: Inbox;
  readonly #inbox: Inbox;
  readonly #world: World;
  readonly #services: ContactServices;
  readonly #person: Person;
  readonly #reader: Reader;
  readonly writer: Writer;

  constructor(world: World, services: ContactServices, person: Person) {
    super(person);
    this.#world = world;
    this.#services = services;
    this.#person = person;
    this.#reader = new Reader(world, person);
    this.writer = new Writer(world, services.reuploads, person);
    const { journal } = world;
    const kept = (kind: string) =>
      journal && new Inbox((id, snapshot) => journal.mark(kind, `${person.number} ${id}`, snapshot));
    this.#inbox = kept('inbox') ?? new Inbox();
    this.ownMessages = kept('own-message') ?? new Inbox();
    this.change({});
  }

  get confirms(): boolean {
    return this.#settings.confirms;
  }

  set confirms(confirms: boolean) {
    this.change({ confirms });
  }

  get reads(): boolean {
    return this.#settings.reads;
  }

  set reads(reads: boolean) {
    this.change({ reads });
  }

  get wantsToken(): boolean {
    return this.#settings.wantsToken ?? false;
  }

  get addressing(): 'pn' | 'lid' {
    return this.#world.hasHiddenIds ? (this.#settings.addressing ?? this.#world.usualKind) : 'pn';
  }

  set addressing(addressing: 'pn' | 'lid') {
    this.change({ addressing });
  }

  /** Changes how it behaves. */
  change(settings: Partial<ContactSettings>): void {
    Object.assign(this.#settings, settings);
    this.#world.journal?.mark('contact', this.number, () => this.#settings);
  }

  /** Puts back the messages that were kept over a restart. */
  restore(inbox: readonly SavedMessage[], ownMessages: readonly SavedMessage[]): void {
    this.#inbox.restore(inbox);
    this.ownMessages.restore(ownMessages);
  }

  get username(): string | null {
    return this.#person.username ?? null;
  }

  set username(username: string | null) {
    this.#person.username = username ?? undefined;
    this.#person.changed();
  }

  /** The one of the two JIDs that it writes from. */
  get address(): string {
    return this.#world.namesOf(this.number, this.addressing).jid;
  }

  /** What was sent to it, decrypted, oldest first. */
  get inbox(): readonly InboxMessage[] {
    return this.#inbox.messages;
  }

  /** Empties the inbox. */
  clearInbox(): void {
    this.#inbox.clear();
  }

  /** The first message that `accept` says yes to, now or within `timeoutMs` (50 s). Rejects after that. */
  waitForMessage(accept?: (message: InboxMessage) => boolean, timeoutMs?: number): Promise<InboxMessage> {
    return this.#inbox.wait(accept, timeoutMs);
  }

  /**
   * Writes to an account, or to a group by its JID. Resolves when the message is encrypted and queued for each of its linked devices; they get it
   * at once when they are live, and at their next login otherwise.
   */
  async send(phone: string, content: string | proto.IMessage, options: SendOptions = {}): Promise<Sent> {
    const [prepared] = await this.prepare(phone, [content], options);
    if (!prepared) throw new Error('nothing was prepared');
    this.#trust(phone);
    return prepared.fire();
  }

  /** Changes a message that it sent: sealed, as phones do today, unless it is told not to. Otherwise like {@link send}. */
  edit(phone: string, id: string, content: string | proto.IMessage, options: EditOptions = {}): Promise<Sent> {
    return this.writer.edit(phone, id, content, this.addressing, options);
  }

  /** Sends a message that linked devices are told of and not given, such as `view_once`. Otherwise like {@link send}. */
  sendUnavailable(phone: string, type: string, options: SendOptions = {}): Sent {
    return this.writer.sendUnavailable(phone, type, this.addressing, options);
  }

  /** Sends a file: encrypted and stored on the sandbox's media server. Otherwise like {@link send}. */
  sendMedia(phone: string, attachment: Attachment, options: SendOptions = {}): Promise<Sent> {
    return this.send(phone, attach(this.#world.media, attachment, this.number), options);
  }

  /** Writes to `status@broadcast`, a broadcast list or a channel that an account reads. Otherwise like {@link send}. */
  sendToMany(chat: string, account: string, content: string | proto.IMessage): Promise<Sent> {
    return this.writer.sendToMany(chat, account, content);
  }

  /** The file of a received message, decrypted. Throws when it has none, or the client did not upload it. */
  download(message: InboxMessage): Buffer {
    return open(this.#world.media, message.message);
  }

  /**
   * Encrypts messages to be fired later, for load tests: firing then costs next to nothing. A number stands for that
   * many short texts.
   */
  prepare(
    phone: string,
    contents: number | readonly (string | proto.IMessage)[],
    options: SendOptions = {},
  ): Promise<Prepared[]> {
    return this.writer.prepare(phone, contents, this.addressing, options);
  }

  /** Marks a received message as read (blue ticks). Throws when there is no such message. */
  read(id: string): void {
    confirm(this.#world, this.#person, this.#received(id), 'read');
  }

  /** Marks a received voice message as played. Throws when there is no such message. */
  played(id: string): void {
    confirm(this.#world, this.#person, this.#received(id), 'played');
  }

  /** Goes online or offline, as the account's live devices see it. */
  presence(phone: string, state: 'available' | 'unavailable'): void {
    this.#person.presence = { state, at: this.#world.seconds() };
    const attrs = { from: this.address, type: state === 'unavailable' ? state : undefined };
    this.#broadcast(phone, () => node('presence', attrs));
  }

  /** Types, records or stops, as the account's live devices see it. */
  typing(phone: string, state: 'composing' | 'paused' | 'recording'): void {
    const content = state === 'recording' ? node('composing', { media: 'audio' }) : node(state);
    this.#broadcast(phone, (device) => node('chatstate', { from: this.address, to: device.jid }, [content]));
  }

  /** Calls an account: its live devices ring. Gives the call's id. */
  call(phone: string, options: Omit<CallOptions, 'addressing'> = {}): string {
    const { addressing } = this;
    return this.#services.calls.start(this.#person, this.#world.person(phone), { ...options, addressing });
  }

  /** Ends a call; `timeout` means that nobody answered: a missed call. */
  hangUp(id: string, reason = 'timeout'): void {
    this.#services.calls.hangUp(id, reason);
  }

  /** Changes the picture that others see, or takes it away. */
  setPicture(picture: { readonly full: Buffer; readonly preview?: Buffer } | undefined): Promise<void> {
    return setPicture(this.#world, this.#person, picture);
  }

  /** What others see of it besides its name. */
  get profile(): Profile {
    return this.#person.profile;
  }

  /** Loses its Signal session with an account, as a phone restored from an old backup would. */
  forgetSession(phone: string): void {
    for (const device of this.#world.person(phone).devices.values()) this.#person.party.forget(device.peer);
  }

  /** Takes what the server hands over. */
  async receive(arrival: Arrival): Promise<void> {
    const read = await this.#reader.read(arrival);
    if (!read) return;
    const { id, sender, chat } = arrival;
    const message = read.deviceSentMessage?.message ?? read;
    const text = textOf(message);
    const received: InboxMessage = {
      id,
      from: sender.person.number,
      device: sender.id,
      chat: read.deviceSentMessage?.destinationJid ?? chat,
      encryption: arrival.shared ? 'skmsg' : (arrival.pairwise?.type ?? 'msg'),
      message,
      at: this.#world.clock.now(),
      ...(text === undefined ? {} : { text }),
    };
    if (sender.person === this.#person) this.ownMessages.add(received);
    else if (this.#inbox.add(received)) this.#acknowledge(received);
  }

  /** Whoever is written to may answer: it is given a token. */
  #trust(to: string): void {
    if (!this.wantsToken || this.#world.rosters.has(to)) return;
    tellDaily(this.#world, this.#world.person(to), { kind: 'privacy_token', of: this.number });
  }

  #acknowledge(received: InboxMessage): void {
    if (this.confirms) confirm(this.#world, this.#person, received, '');
    if (this.reads) confirm(this.#world, this.#person, received, 'read', 2);
  }

  #received(id: string): InboxMessage {
    const message = this.#inbox.find(id);
    if (!message) throw new Error(`contact '${this.number}' has no message '${id}'`);
    return message;
  }

  #broadcast(phone: string, stanza: (device: Device) => ReturnType<typeof node>): void {
    for (const device of this.#world.person(phone).devices.values()) {
      if (device.online) device.connection?.send(stanza(device));
    }
  }
}
