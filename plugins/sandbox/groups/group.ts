import type { BinaryNode } from '@whiskeysockets/baileys';
import { post } from '../delivery/delivery.ts';
import { type Address, digitsOf } from '../wire/jids.ts';
import { node } from '../wire/nodes.ts';
import type { Person } from '../world/people.ts';
import { type Rank, Roster } from '../world/roster.ts';
import type { World } from '../world/world.ts';
import { type Described, describeGroup, participantsOf } from './description.ts';

/** What a group is made with. */
export interface GroupOptions {
  readonly subject: string;
  /** Number of the one who creates it, and is its superadmin. */
  readonly owner: string;
  /** Numbers of the others. */
  readonly participants: readonly string[];
  /** How participants are addressed; `lid` by default, as in groups of today. Numbers where nobody has a hidden id. */
  readonly addressing?: Address['kind'];
  /** Its JID; a new one by default. */
  readonly jid?: string;
  /** The code of its invitation; a new one by default. */
  readonly inviteCode?: string;
}

/** Switches of a group, as children of its `<group>` node. */
export type GroupSwitch = 'announcement' | 'locked' | 'membership_approval_mode' | 'suspended' | 'growth_locked';

/** What the notifications of a switch are called: on, and off. */
const notices: Record<Exclude<GroupSwitch, 'membership_approval_mode'>, readonly [on: string, off: string]> = {
  announcement: ['announcement', 'not_announcement'],
  locked: ['locked', 'unlocked'],
  suspended: ['suspended', 'unsuspended'],
  growth_locked: ['growth_locked', 'growth_unlocked'],
};

/** An invitation for one person, whose privacy does not let them be added (version 4). */
export interface PersonalInvite {
  readonly code: string;
  /** Seconds. */
  readonly expiration: number;
  /** Number of the admin who invites. */
  readonly admin: string;
}

/** Somebody who asks to be let in. */
export interface MembershipRequest {
  readonly method: 'invite_link' | 'non_admin_add';
  /** Seconds. */
  readonly at: number;
}

const plainFields = [
  ...(['jid', 'addressing', 'owner', 'createdAt', 'subject', 'ephemeral', 'everyoneAdds', 'everyoneShares'] as const),
  ...(['inviteCode', 'capacity', 'description', 'picture', 'parent', 'rosterVersion'] as const),
];
type PlainField = (typeof plainFields)[number];

/** A group as it is kept over a restart. */
export type SavedGroup = Pick<Group, PlainField> & {
  readonly members: readonly (readonly [string, Rank])[];
  readonly switches: readonly GroupSwitch[];
  readonly requests: readonly (readonly [string, MembershipRequest])[];
  readonly invites: readonly (readonly [string, PersonalInvite])[];
};

/** A group: its members, its texts and its switches. Who may change something is checked where the wire asks for it. */
export class Group extends Roster {
  readonly owner: string;
  createdAt: number;
  readonly switches = new Set<GroupSwitch>();
  /** Who asks to be let in, by number. */
  readonly requests = new Map<string, MembershipRequest>();
  /** Invitations for one person each, by number. */
  readonly invites = new Map<string, PersonalInvite>();
  subject: string;
  description: { readonly id: string; readonly text: string; readonly by: string; readonly at: number } | undefined;
  picture: { readonly id: string; readonly full: Buffer; readonly preview: Buffer } | undefined;
  /** Seconds after which messages disappear; 0 for never. */
  ephemeral = 0;
  everyoneAdds = false;
  everyoneShares = false;
  inviteCode: string;
  /** Most members. */
  capacity = 1024;
  /** JID of the community that it belongs to. */
  parent: string | undefined;
  rosterVersion: string;
  readonly #world: World;
  readonly #revoked: (code: string) => void;
  #together: BinaryNode[] | undefined;

  /** `revoked` is told invitations that are void from now on. */
  constructor(world: World, jid: string, options: GroupOptions, revoked: (code: string) => void = () => undefined) {
    super(jid, world.hasHiddenIds ? (options.addressing ?? 'lid') : 'pn');
    this.#world = world;
    this.#revoked = revoked;
    this.subject = options.subject;
    this.owner = digitsOf(options.owner);
    this.createdAt = world.seconds();
    this.rosterVersion = `${this.createdAt}000000`;
    this.inviteCode = options.inviteCode ?? world.newId();
    for (const number of options.participants) this.members.set(digitsOf(number), 'member');
    this.members.set(this.owner, 'superadmin');
  }

  /** A member's JID by the name that the group does not use, if there is one. */
  otherName(number: string): string | undefined {
    return this.#world.namesOf(number, this.addressing).other;
  }

  people(): Person[] {
    return this.#world.membersOf(this);
  }

  isAdmin(number: string): boolean {
    return (this.members.get(number) ?? 'member') !== 'member';
  }

  /** Adds numbers: they are handed the whole group, the others are told who came. `reason` is `invite` for who came by a link. */
  add(by: string, numbers: readonly string[], reason?: 'invite'): void {
    const before = this.people();
    const added = numbers.map(digitsOf).filter((number) => !this.members.has(number));
    for (const number of added) {
      this.members.set(number, 'member');
      this.requests.delete(number);
      this.invites.delete(number);
    }
    if (added.length === 0) return;
    this.announce(by, this.#moved('add', added, { reason }), before);
    const type = reason ? undefined : 'new';
    const whole = node('create', { type, reason, key: this.#world.newId() }, [this.describeNode()]);
    this.announce(
      by,
      whole,
      added.map((number) => this.#world.person(number)),
    );
  }

  /** Removes numbers; they are told too. Those who remain write with new keys. Somebody who removes itself leaves. */
  remove(by: string, numbers: readonly string[]): void {
    const told = this.people();
    const gone = numbers.map(digitsOf).filter((number) => this.members.has(number));
    const removal = this.#moved('remove', gone);
    for (const number of gone) this.members.delete(number);
    for (const person of this.people()) person.senderKeys.rotate(this.jid);
    if (gone.length > 0) this.announce(by, removal, told);
  }

  promote(by: string, numbers: readonly string[]): void {
    this.#rank(by, 'promote', numbers, 'admin');
  }

  demote(by: string, numbers: readonly string[]): void {
    this.#rank(by, 'demote', numbers, 'member');
  }

  rename(by: string, subject: string): void {
    this.subject = subject;
    const attrs = { subject, s_t: this.#world.seconds(), s_o: this.jidOf(digitsOf(by)) };
    this.announce(by, node('subject', attrs));
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
    if (name === 'membership_approval_mode')
      this.announce(by, node(name, {}, [node('group_join', { state: on ? 'on' : 'off' })]));
    else this.announce(by, node(notices[name][on ? 0 : 1]));
  }

  /** Says who may do something: `all_member_add`, `admin_share`, … */
  setMode(by: string, name: 'member_add_mode' | 'member_share_group_history_mode', mode: string): void {
    if (name === 'member_add_mode') this.everyoneAdds = mode === 'all_member_add';
    else this.everyoneShares = mode === 'all_member_share';
    this.announce(by, node(name, {}, Buffer.from(mode)));
  }

  expire(by: string, seconds: number): void {
    this.ephemeral = seconds;
    this.announce(by, seconds > 0 ? node('ephemeral', { expiration: seconds }) : node('not_ephemeral'));
  }

  /** A new invitation; the old one is void. */
  invite(by: string): string {
    this.#revoked(this.inviteCode);
    this.inviteCode = this.#world.newId();
    this.announce(by, node('invite', { code: this.inviteCode }));
    return this.inviteCode;
  }

  /** Somebody goes by another number from now on. */
  changeNumber(old: string, number: string): void {
    const [before, after] = [digitsOf(old), digitsOf(number)];
    const rank = this.members.get(before) ?? 'member';
    this.members.delete(before);
    this.members.set(after, rank);
    const told = [...this.people()];
    this.announce(before, this.#moved('modify', [after]), told);
  }

  /** The community that it belongs to; undefined takes it out of it. */
  link(by: string, parent: string | undefined): void {
    const [tag, type] = parent ? ['link', 'link_type'] : ['unlink', 'unlink_type'];
    const community = node('group', { jid: parent ?? this.parent, subject: 'Community' });
    this.parent = parent;
    this.announce(by, node(tag, { [type]: 'parent_group' }, [community]));
  }

  /** The end of the group: nobody is in it any more. */
  dissolve(by: string, reason = 'admin'): void {
    const told = this.people();
    this.members.clear();
    this.announce(by, node('delete', { reason }), told);
  }

  /** Does several things, and tells of all of them in one notification. */
  together(by: string, act: () => void): void {
    const changes: BinaryNode[] = [];
    this.#together = changes;
    try {
      act();
    } finally {
      this.#together = undefined;
    }
    if (changes.length > 0) this.#post(by, changes, this.people());
  }

  /** Tells the linked devices of members what somebody did (`w:gp2` notification, docs/protocol.md, "Messages"). */
  announce(by: string, change: BinaryNode, to?: readonly Person[]): void {
    if (this.#together && to === undefined) this.#together.push(change);
    else this.#post(by, [change], to ?? this.people());
  }

  /** Has to be called after a change that nobody is told of. */
  changed(): void {
    this.#world.journal?.mark('group', this.jid, () => this.#save());
  }

  /** The `<group>` node that answers every question about a group. */
  describeNode(wanted?: Described): BinaryNode {
    return describeGroup(this, wanted);
  }

  /** Becomes what was kept over a restart. */
  restore({ members, switches, requests = [], invites = [], ...plain }: SavedGroup): void {
    Object.assign(this, plain);
    this.members.clear();
    for (const [number, rank] of members) this.members.set(number, rank);
    for (const name of switches) this.switches.add(name);
    for (const [number, request] of requests) this.requests.set(number, request);
    for (const [number, invite] of invites) this.invites.set(number, invite);
  }

  #post(by: string, changes: BinaryNode[], to: readonly Person[]): void {
    const actor = digitsOf(by);
    const other = this.addressing === 'lid' ? 'participant_pn' : 'participant_lid';
    const id = this.#world.newId();
    const attrs = {
      ...{ from: this.jid, type: 'w:gp2', id, t: this.#world.seconds(), participant: this.jidOf(actor) },
      ...{ notify: this.#world.person(actor).name, addressing_mode: this.addressing },
      [other]: this.otherName(actor),
    };
    this.changed();
    const stanza = node('notification', attrs, changes);
    for (const person of to)
      for (const device of person.devices.values())
        post(this.#world, device, { key: `notification:${id}`, node: stanza });
  }

  #save(): SavedGroup {
    const plain = Object.fromEntries(plainFields.map((name) => [name, this[name]])) as Pick<Group, PlainField>;
    return {
      ...plain,
      members: [...this.members],
      switches: [...this.switches],
      requests: [...this.requests],
      invites: [...this.invites],
    };
  }

  #rank(by: string, change: 'promote' | 'demote', numbers: readonly string[], rank: Rank): void {
    const concerned = numbers.map(digitsOf).filter((number) => this.members.has(number));
    for (const number of concerned) this.members.set(number, rank);
    if (concerned.length > 0) this.announce(by, this.#moved(change, concerned));
  }

  /** A change of the members, which names the roster before it and the one after it. */
  #moved(tag: string, numbers: readonly string[], attrs: Record<string, string | undefined> = {}): BinaryNode {
    const before = this.rosterVersion;
    if (numbers.length > 0) this.rosterVersion = `${Number(before) + 1}`;
    return node(tag, { ...attrs, prev_v_id: before, v_id: this.rosterVersion }, participantsOf(this, numbers));
  }
}
