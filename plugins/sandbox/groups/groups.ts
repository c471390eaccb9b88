import { digitsOf } from '../wire/jids.ts';
import { node } from '../wire/nodes.ts';
import type { World } from '../world/world.ts';
import { type GroupRefusal, joinByCode, turnAway } from './admission.ts';
import { Group, type GroupOptions, type SavedGroup } from './group.ts';
import { setGroupPicture } from './picture.ts';

/** All groups, by JID. */
export class Groups {
  readonly #world: World;
  readonly #groups = new Map<string, Group>();
  readonly #formerInvites = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  get(jid: string): Group | undefined {
    return this.#groups.get(jid);
  }

  /** Whether a code was an invitation once: a group has another one by now. */
  wasInvite(code: string): boolean {
    return this.#formerInvites.has(code);
  }

  list(): Group[] {
    return [...this.#groups.values()];
  }

  /** Makes a group, and tells the linked devices of its members. `key` is what the creating client called it. */
  create(options: GroupOptions, key = this.#world.newId()): Group {
    const { jid = `12036${String(Date.now()).slice(-9)}${String(this.#groups.size).padStart(4, '0')}@g.us` } = options;
    const group = this.#add(this.#make(jid, options));
    group.announce(group.owner, node('create', { type: 'new', key }, [group.describeNode()]));
    return group;
  }

  /** Somebody comes by the invitation: at once, or as somebody who asks to be let in. */
  join(group: Group, number: string): 'joined' | 'asked' {
    return joinByCode(this.#world, group, digitsOf(number));
  }

  /** Requests end: by an admin's no, or by the change of mind of whoever asked. An admin's yes is to add them. */
  turnAway(group: Group, by: string, numbers: readonly string[]): void {
    turnAway(group, by, numbers);
  }

  /** Sets the picture of a group as a member, or takes it away. */
  setPicture(group: Group, by: string, picture: Buffer | undefined): Promise<void> {
    return setGroupPicture(this.#world, group, digitsOf(by), picture);
  }

  /** Why WhatsApp does not let a number be put into any group; undefined: it does. */
  refuse(number: string, code: GroupRefusal | undefined): void {
    const digits = digitsOf(number);
    if (code === undefined) this.#world.groupRefusals.delete(digits);
    else this.#world.groupRefusals.set(digits, code);
  }

  /** Puts back what was kept over a restart. */
  restore(jid: string, saved: SavedGroup): void {
    this.#add(this.#make(jid, { ...saved, participants: [] })).restore(saved);
  }

  #make(jid: string, options: GroupOptions): Group {
    return new Group(this.#world, jid, options, (code) => this.#formerInvites.add(code));
  }

  #add(group: Group): Group {
    this.#groups.set(group.jid, group);
    this.#world.rosters.set(group.jid, group);
    return group;
  }
}
