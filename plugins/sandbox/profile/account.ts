import type { AppState, AppStateEntry, Modification } from '../app-state/app-state.ts';
import { notify } from '../delivery/notify.ts';
import { digitsOf } from '../wire/jids.ts';
import { node } from '../wire/nodes.ts';
import type { Device, Person } from '../world/people.ts';
import type { World } from '../world/world.ts';
import { setPicture } from './pictures.ts';

/** What the owner of an account does on the phone, and what linked devices are told of it. */
export class Account {
  readonly #world: World;
  readonly #person: Person;
  readonly #appState: AppState;
  readonly #announce: (collection: string) => void;

  constructor(world: World, person: Person, appState: AppState, announce: (collection: string) => void) {
    this.#world = world;
    this.#person = person;
    this.#appState = appState;
    this.#announce = announce;
  }

  /** Archives, pins, mutes, stars, names, labels …: what Baileys calls a chat modification. Linked devices are told. */
  async change(modification: Modification, jid = ''): Promise<void> {
    this.#announce(await this.#appState.change(modification, jid));
  }

  /** What holds now: what the phone, and what linked devices have changed. */
  entries(): Promise<AppStateEntry[]> {
    return this.#appState.entries();
  }

  /** Sets the account's own picture, or takes it away. */
  setPicture(full: Buffer | undefined): Promise<void> {
    return setPicture(this.#world, this.#person, full && { full });
  }

  /** Blocks somebody, or no longer does; linked devices are told. */
  block(number: string, blocked = true): void {
    block(this.#world, this.#person, digitsOf(number), blocked);
  }
}

/** Keeps that somebody is blocked, and tells the linked devices but for the one that did it. */
export function block(world: World, person: Person, number: string, blocked: boolean, by?: Device): void {
  person.profile.block(number, blocked);
  const { jid, other } = world.namesOf(number, 'lid');
  const item = node('item', { action: blocked ? 'block' : 'unblock', jid, pn_jid: other });
  for (const device of person.devices.values()) {
    if (device !== by) notify(world, device, 'account_sync', [node('blocklist', { dhash: 'sandbox' }, [item])]);
  }
  world.events.emit('block', { phone: person.number, number, blocked });
}
