import type { proto } from '@whiskeysockets/baileys';
import { badRequest, notFound } from 'waha-runtime';
import { messageOf } from '../delivery/content.ts';
import { Prepared, type Sent } from '../delivery/prepared.ts';
import { senderOf } from '../delivery/sending.ts';
import { sendUnencrypted } from '../delivery/unencrypted.ts';
import type { Reuploads } from '../messages/reuploads.ts';
import { editOf, MessageSecrets, type SealedChange, sealChange } from '../messages/secrets.ts';
import { isChannel, postInChannel } from '../newsletters/posts.ts';
import { broadcast, isBroadcast } from '../status/broadcasts.ts';
import { digitsOf } from '../wire/jids.ts';
import { node } from '../wire/nodes.ts';
import type { Device, Person } from '../world/people.ts';
import type { Roster } from '../world/roster.ts';
import type { World } from '../world/world.ts';

/** What a sender may choose besides the content. */
export interface SendOptions {
  readonly id?: string;
  /** More attributes of the stanza, for instance `{ edit: '1' }`. */
  readonly attrs?: Record<string, string>;
}

/** How a message of one's own is changed. */
export interface EditOptions extends SendOptions {
  /** As phones do since May 2026; false for the `protocolMessage` of before. */
  readonly sealed?: boolean;
  /** What is changed; a message by default. */
  readonly kind?: SealedChange;
}

/** What a contact writes, to accounts, groups, broadcasts and channels. */
export class Writer {
  readonly #world: World;
  readonly #reuploads: Reuploads;
  readonly #person: Person;
  /** The secrets of what was sent. */
  readonly secrets: MessageSecrets;

  constructor(world: World, reuploads: Reuploads, person: Person) {
    this.#world = world;
    this.#reuploads = reuploads;
    this.#person = person;
    this.secrets = new MessageSecrets((id) =>
      person.journal?.mark('secret', `${person.number} ${id}`, () => this.secrets.get(id)),
    );
  }

  /** Encrypts messages for an account, or a group by its JID. A number stands for that many short texts. */
  async prepare(
    to: string,
    contents: number | readonly (string | proto.IMessage)[],
    addressing: 'pn' | 'lid',
    { id: chosen, attrs }: SendOptions = {},
  ): Promise<Prepared[]> {
    const list =
      typeof contents === 'number' ? Array.from({ length: contents }, (_, i) => `message ${i + 1}`) : contents;
    const group = this.#world.rosters.get(to);
    const devices = this.#readersOf(to, group);
    const prepared: Prepared[] = [];
    for (const content of list) {
      const id = chosen ?? this.#world.newId();
      const message = this.secrets.give(id, messageOf(content));
      this.#reuploads.note(id, message);
      const common = { id, sender: this.#person, addressing, message, ...(attrs ? { attrs } : {}) };
      prepared.push(await Prepared.make(this.#world, group ? { ...common, group } : common, devices));
    }
    return prepared;
  }

  /** Changes a message that this contact sent to the same chat. Rejects with `NOT_FOUND` when it sent none by this id. */
  async edit(
    to: string,
    id: string,
    content: string | proto.IMessage,
    addressing: 'pn' | 'lid',
    { sealed = true, kind = 'message', ...options }: EditOptions = {},
  ): Promise<Sent> {
    const secret = this.secrets.get(id);
    if (!secret) throw notFound(`contact '${this.#person.number}' has sent no message '${id}'`);
    const group = this.#world.rosters.get(to);
    const used = group?.addressing ?? addressing;
    const remoteJid = group?.jid ?? this.#world.namesOf(digitsOf(to), used).jid;
    const key = { remoteJid, fromMe: true, id };
    const change = editOf(key, messageOf(content), this.#world.clock.now());
    const sender = this.#world.namesOf(this.#person.number, used).jid;
    const message = sealed ? sealChange({ key, id, sender, secret }, kind, change) : change;
    const attrs = { edit: '1', ...options.attrs };
    const [prepared] = await this.prepare(to, [message], addressing, { ...options, attrs });
    if (!prepared) throw new Error('nothing was prepared');
    return prepared.fire();
  }

  /** Writes to `status@broadcast`, a broadcast list or a channel. Rejects with `BAD_REQUEST` for any other chat. */
  async sendToMany(chat: string, account: string, content: string | proto.IMessage): Promise<Sent> {
    const devices = [...this.#world.person(account).devices.values()];
    const message = messageOf(content);
    if (isBroadcast(chat)) return broadcast(this.#world, this.#person, chat, message, devices);
    if (!isChannel(chat)) throw badRequest(`'${chat}' is neither a broadcast nor a channel`);
    return postInChannel(this.#world, this.#person, chat, message, devices);
  }

  /**
   * Sends what linked devices are not given: they learn that there is a message, and of which type, from an `<unavailable>`
   * in the place of the ciphertext. `view_once` is a picture or a video that only the phone may show.
   */
  sendUnavailable(to: string, type: string, addressing: 'pn' | 'lid', { id, attrs }: SendOptions = {}): Sent {
    const group = this.#world.rosters.get(to);
    const from = senderOf(this.#world, this.#person, addressing, group ? { group } : {});
    const common = {
      id: id ?? this.#world.newId(),
      t: this.#world.seconds(),
      type: 'media',
      notify: this.#person.name,
    };
    const stanza = node('message', { ...from, ...common, ...attrs }, [node('unavailable', { type })]);
    return sendUnencrypted(this.#world, this.#person, stanza, this.#readersOf(to, group));
  }

  /** Devices of those who read along; nobody's when one is blocked. */
  #readersOf(to: string, group: Roster | undefined): Device[] {
    const people = group
      ? this.#world.membersOf(group).filter((person) => person !== this.#person)
      : [this.#world.person(to)].filter(({ profile }) => !profile.blocked.has(this.#person.number));
    return people.flatMap((person) => [...person.devices.values()]);
  }
}
