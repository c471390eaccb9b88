import { createHash } from 'node:crypto';
import type { GroupChange } from '../identity/groups/changes.ts';
import { type GroupDifference, isAlreadySo } from '../identity/groups/differences.ts';
import type { Groups } from '../identity/groups/groups.ts';
import type { LidMappings } from '../identity/lid-mappings.ts';
import { jsonSafe } from '../json-safe.ts';
import { Recent } from '../recent.ts';
import { eventsOf } from './group-events.ts';
import type { Publisher } from './publisher.ts';

const REMEMBERED = 2000;

export interface DifferencesOptions {
  readonly publisher: Publisher;
  readonly names: LidMappings;
  readonly groups: Groups;
  ignores(group: string): boolean;
  /** What else follows from a change. */
  note(group: string, change: GroupChange): void;
  now(): number;
}

/**
 * Tells what the list of all groups shows to have happened, when WhatsApp had dropped its notifications. The events have the names of
 * what changed, so that a crash before the list is kept makes them anew and nobody gets them twice.
 */
export class GroupDifferences {
  readonly #options: DifferencesOptions;
  readonly #told = new Recent<true>(REMEMBERED);

  constructor(options: DifferencesOptions) {
    this.#options = options;
  }

  /** Resolves when everything is published. */
  async tell(differences: readonly GroupDifference[]): Promise<void> {
    const { publisher, names, ignores, note, now } = this.#options;
    for (const { group, changes } of differences) {
      if (ignores(group)) continue;
      this.#told.set(group, true);
      for (const change of changes) {
        note(group, change);
        const identity = `group:${group}:list:${hashOf(change)}`;
        const events = await eventsOf(change, { group, timestamp: now(), author: undefined }, names, publisher.me);
        await Promise.all(
          events.map(({ event, payload }, index) =>
            publisher.publish(event, payload, { timestamp: now(), identity: `${identity}:${index}` }),
          ),
        );
      }
    }
  }

  /** Whether a notification tells of what was told already from the list. */
  async wasTold(group: string, change: GroupChange): Promise<boolean> {
    if (!this.#told.has(group)) return false;
    return isAlreadySo(await this.#options.groups.kept(group), change);
  }
}

const hashOf = (change: GroupChange): string =>
  createHash('sha256')
    .update(JSON.stringify(jsonSafe(change)))
    .digest('base64url')
    .slice(0, 22);
