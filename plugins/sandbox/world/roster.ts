import { type Address, jidOf } from '../wire/jids.ts';

export type Rank = 'member' | 'admin' | 'superadmin';

/** Who is in a group, and how they are addressed there: what the delivery of a message needs to know of it. */
export class Roster {
  /** Rank by number. */
  readonly members = new Map<string, Rank>();

  constructor(
    readonly jid: string,
    readonly addressing: Address['kind'],
  ) {}

  /** How a member, or one of its devices, is written in this group. */
  jidOf(number: string, device = 0): string {
    return jidOf(this.addressing, number, device);
  }
}
