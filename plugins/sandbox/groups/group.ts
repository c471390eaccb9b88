import type { BinaryNode } from '@whiskeysockets/baileys';
import { post } from '../delivery/delivery.ts';
import { type Address, digitsOf, jidOf } from '../wire/jids.ts';
import { node } from '../wire/nodes.ts';
import type { Person } from '../world/people.ts';
import { type Rank, Roster } from '../world/roster.ts';
import type { World } from '../world/world.ts';

/** What a group is made with. */
export interface GroupOptions {
  readonly subject: string;
  /** Number of the one who creates it, and is its superadmin. */
  readonly owner: string;
  /** Numbers of the others. */
  readonly participants: readonly string[];
  /** How participants are addressed; `lid` by default, as in groups of today. Numbers where nobody has a hidden id. */
  readonly addressing?: Address['kind'];
}

/** Switches of a group, as children of its `<group>` node. */
export type GroupSwitch = 'announcement' | 'locked' | 'membership_approval_mode';

/** A group as it is kept over a restart. */
export type SavedGroup = Pick<
  Group,
  'jid' | 'addressing' | 'owner' | 'createdAt' | 'subject' | 'ephemeral' | 'everyoneAdds' | 'inviteCode'
> & {
  readonly members: readonly (readonly [string, Rank])[];
  readonly switches: readonly GroupSwitch[];
  readonly description?: Group['description'];
};

/** A group: its members, its texts and its switches. Who changes something is not checked. */
export class Group extends Roster {
  readonly owner: string;
  createdAt: number;
  readonly switches = new Set<GroupSwitch>();
  subject: string;
  description: { readonly id: string; readonly text: string; readonly by: string; readonly at: number } | undefined;
  /** Seconds after which messages disappear; 0 for never. */
  ephemeral = 0;
  everyoneAdds = false;
  inviteCode: string;
  readonly #world: World;

  constructor(world: World, jid: string, options: GroupOptions) {
    super(jid, world.hasHiddenIds ? (options.addressing ?? 'lid') : 'pn');
    this.#world = world;
    this.subject = options.subject;
    this.owner = digitsOf(options.owner);
    this.createdAt = world.seconds();
    this.inviteCode = world.newId();
    for (const number of options.participants) this.members.set(digitsOf(number), 'member');
    this.members.set(this.owner, 'superadmin');
  }

  people(): Person[] {
    return this.#world.membersOf(this);
  }

  /** Adds numbers, or changes their rank, and tells every member. */
  add(by: string, numbers: readonly string[]): void {
    for (const number of numbers) this.members.set(digitsOf(number), this.members.get(digitsOf(number)) ?? 'member');
    this.announce(by, 'add', this.#participants(numbers));
  }

  /** Removes numbers; they are told too. Those who remain write with new keys. Somebody who removes itself leaves. */
  remove(by: string, numbers: readonly string[]): void {
    const told = this.people();
    const gone = this.#participants(numbers);
    for (const number of numbers) this.members.delete(digitsOf(number));
    for (const person of this.people()) person.senderKeys.rotate(this.jid);
    this.announce(by, 'remove', gone, told);
  }

  promote(by: string, numbers: readonly string[]): void {
    this.#rank(by, 'promote', numbers, 'admin');
  }

  demote(by: string, numbers: readonly string[]): void {
    this.#rank(by, 'demote', numbers, 'member');
  }

  rename(by: string, subject: string): void {
    this.subject = subject;
    this.announce(by, node('subject', { subject, s_t: this.#world.seconds(), s_o: this.jidOf(by) }));
  }

  describe(by: string, text: string | undefined, id = this.#world.newId()): void {
    this.description = text === undefined ? undefined : { id, text, by: digitsOf(by), at: this.#world.seconds() };
    const body = text === undefined ? [node('delete')] : [node('body', {}, Buffer.from(text))];
    this.announce(by, node('description', { id }, body));
  }

  /** Turns a switch on or off. */
  set(by: string, name: GroupSwitch, on: boolean): void {
    if (on) this.switches.add(name);
    else this.switches.delete(name);
    if (name === 'membership_approval_mode') {
      this.announce(by, node(name, {}, [node('group_join', { state: on ? 'on' : 'off' })]));
    } else if (name === 'locked') this.announce(by, node(on ? 'locked' : 'unlocked'));
    else this.announce(by, node(on ? 'announcement' : 'not_announcement'));
  }

  /** A new invitation; the old one is void. */
  invite(by: string): string {
    this.inviteCode = this.#world.newId();
    this.announce(by, node('invite', { code: this.inviteCode }));
    return this.inviteCode;
  }

  /** Tells the linked devices of members what somebody did (`w:gp2` notification, docs/protocol.md, "Messages"). */
  announce(
    by: string,
    change: BinaryNode | string,
    content: BinaryNode[] = [],
    to: readonly Person[] = this.people(),
  ): void {
    const actor = digitsOf(by);
    const { other } = this.#world.namesOf(actor, this.addressing);
    const beside = { [`participant_${this.addressing === 'lid' ? 'pn' : 'lid'}`]: other };
    const id = this.#world.newId();
    const attrs = {
      from: this.jid,
      type: 'w:gp2',
      id,
      t: this.#world.seconds(),
      participant: this.jidOf(actor),
      notify: this.#world.person(actor).name,
      addressing_mode: this.addressing,
      ...beside,
    };
    const child = typeof change === 'string' ? node(change, {}, content) : change;
    this.#world.journal?.mark('group', this.jid, () => this.#save());
    const stanza = node('notification', attrs, [child]);
    for (const person of to)
      for (const device of person.devices.values())
        post(this.#world, device, { key: `notification:${id}`, node: stanza });
  }

  /** The `<group>` node that answers every question about a group. */
  describeNode(): BinaryNode {
    const { subject, owner, createdAt, addressing, description } = this;
    const attrs = {
      id: this.jid.split('@')[0],
      subject,
      s_t: createdAt,
      s_o: this.jidOf(owner),
      s_o_pn: addressing === 'lid' ? jidOf('pn', owner) : undefined,
      creation: createdAt,
      creator: this.jidOf(owner),
      creator_pn: addressing === 'lid' ? jidOf('pn', owner) : undefined,
      addressing_mode: addressing,
      size: this.members.size,
    };
    const content = this.#participants([...this.members.keys()]);
    if (description) {
      const by = { id: description.id, t: description.at, participant: this.jidOf(description.by) };
      content.push(node('description', by, [node('body', {}, Buffer.from(description.text))]));
    }
    for (const name of this.switches) content.push(node(name));
    if (this.ephemeral) content.push(node('ephemeral', { expiration: this.ephemeral }));
    content.push(node('member_add_mode', {}, Buffer.from(this.everyoneAdds ? 'all_member_add' : 'admin_add')));
    return node('group', attrs, content);
  }

  /** Becomes what was kept over a restart. */
  restore(saved: SavedGroup): void {
    const { members, switches, description, subject, ephemeral, everyoneAdds, inviteCode, createdAt } = saved;
    Object.assign(this, { subject, ephemeral, everyoneAdds, inviteCode, createdAt, description });
    this.members.clear();
    for (const [number, rank] of members) this.members.set(number, rank);
    for (const name of switches) this.switches.add(name);
  }

  #save(): SavedGroup {
    const { jid, addressing, owner, createdAt, subject, ephemeral, everyoneAdds, inviteCode, description } = this;
    const plain = { jid, addressing, owner, createdAt, subject, ephemeral, everyoneAdds, inviteCode };
    return {
      ...plain,
      members: [...this.members],
      switches: [...this.switches],
      ...(description ? { description } : {}),
    };
  }

  #rank(by: string, change: 'promote' | 'demote', numbers: readonly string[], rank: Rank): void {
    for (const number of numbers) if (this.members.has(digitsOf(number))) this.members.set(digitsOf(number), rank);
    this.announce(by, change, this.#participants(numbers));
  }

  #participants(numbers: readonly string[]): BinaryNode[] {
    return numbers.map(digitsOf).map((number) => {
      const rank = this.members.get(number);
      const type = rank === 'member' ? undefined : rank;
      const { jid, other } = this.#world.namesOf(number, this.addressing);
      return node('participant', { jid, [this.addressing === 'lid' ? 'phone_number' : 'lid']: other, type });
    });
  }
}
