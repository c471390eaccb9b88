import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Group } from '../groups/group.ts';
import type { World } from '../world/world.ts';

/** Somebody asks, or changes, something in one group. */
export interface GroupQuery {
  readonly world: World;
  readonly group: Group;
  /** Number of whoever asks. */
  readonly by: string;
  /** The child of the query. */
  readonly change: BinaryNode;
}

/** WhatsApp says no to a whole query. */
export class Refused extends Error {
  constructor(
    readonly code: number,
    readonly text: string,
  ) {
    super(text);
  }
}

/** Changes that members may make while the group is not locked. */
const info = new Set(['subject', 'description', 'ephemeral', 'not_ephemeral', 'picture']);

/** Whether a member may change this; `change` is the tag of the query's child. */
export function mayDo(group: Group, number: string, change: string): boolean {
  if (!group.members.has(number)) return false;
  if (group.isAdmin(number)) return true;
  if (info.has(change)) return !group.switches.has('locked');
  return change === 'add' && group.everyoneAdds;
}
