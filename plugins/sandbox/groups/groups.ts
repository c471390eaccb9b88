import { node } from '../wire/nodes.ts';
import type { World } from '../world/world.ts';
import { Group, type GroupOptions, type SavedGroup } from './group.ts';

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
    const jid = `12036${String(Date.now()).slice(-9)}${String(this.#groups.size).padStart(4, '0')}@g.us`;
    const group = this.#add(this.#make(jid, options));
    group.announce(group.owner, node('create', { type: 'new', key }, [group.describeNode()]));
    return group;
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
