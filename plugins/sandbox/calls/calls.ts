import type { BinaryNode } from '@whiskeysockets/baileys';
import { node } from '../wire/nodes.ts';
import type { Device, Person } from '../world/people.ts';
import type { World } from '../world/world.ts';

const KEPT = 500;

/** A call to an account, as the sandbox keeps it. */
export interface Call {
  readonly id: string;
  /** Numbers. */
  readonly from: string;
  readonly to: string;
  readonly video: boolean;
  /** JID of the group that is called together. */
  readonly group?: string;
  readonly state: 'ringing' | 'accepted' | 'rejected' | 'ended';
}

export interface CallOptions {
  readonly video?: boolean;
  /** JID of a group: everybody in it is called. */
  readonly group?: string;
  readonly addressing?: 'pn' | 'lid';
  /** Its id; a new one by default. */
  readonly id?: string;
}

/** Calls between people (`<call>` stanzas, read in Baileys' `messages-recv.js`). Only live devices ring. */
export class Calls {
  readonly #world: World;
  readonly #calls = new Map<string, Call & { readonly creator: string }>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The newest calls, oldest first. */
  list(): Call[] {
    return [...this.#calls.values()].map(({ creator: _, ...call }) => call);
  }

  get(id: string): Call | undefined {
    return this.#calls.get(id);
  }

  /** Calls somebody: its live devices ring. Gives the call's id. */
  start(from: Person, to: Person, { video = false, group, addressing, ...chosen }: CallOptions): string {
    const { id = this.#world.newId() } = chosen;
    const creator = this.#world.namesOf(from.number, addressing ?? this.#world.usualKind).jid;
    const call = { id, from: from.number, to: to.number, video, state: 'ringing', creator } as const;
    this.#calls.set(id, group === undefined ? call : { ...call, group });
    for (const old of [...this.#calls.keys()].slice(0, -KEPT)) this.#calls.delete(old);
    const together = group === undefined ? {} : { type: 'group', 'group-jid': group };
    this.#tell(id, 'offer', { caller_pn: from.jid, ...together }, video ? [node('video')] : []);
    return id;
  }

  /** The caller gives up, or (`timeout`) nobody answered. */
  hangUp(id: string, reason?: string): void {
    this.#become(id, 'ended');
    this.#tell(id, 'terminate', { reason });
  }

  /** The call is answered or declined on the phone: its linked devices stop ringing. */
  answerOnPhone(id: string, accepted: boolean, except?: Device): void {
    this.#become(id, accepted ? 'accepted' : 'rejected');
    this.#tell(id, 'terminate', { reason: accepted ? 'accepted_elsewhere' : 'rejected_elsewhere' }, [], except);
  }

  #become(id: string, state: Call['state']): void {
    const call = this.#calls.get(id);
    if (call) this.#calls.set(id, { ...call, state });
  }

  #tell(
    id: string,
    tag: string,
    attrs: Record<string, string | undefined>,
    content: BinaryNode[] = [],
    except?: Device,
  ): void {
    const call = this.#calls.get(id);
    if (!call) throw new Error(`there is no call '${id}'`);
    const { creator } = call;
    const inner = node(tag, { 'call-id': id, 'call-creator': creator, ...attrs }, content);
    const notify = this.#world.person(call.from).name;
    for (const device of this.#world.person(call.to).devices.values()) {
      const outer = { from: creator, id: this.#world.newId(), t: this.#world.seconds(), notify };
      if (device.online && device !== except) device.connection?.send(node('call', outer, [inner]));
    }
    this.#world.events.emit('call', { id, from: call.from, to: call.to, what: tag });
  }
}
