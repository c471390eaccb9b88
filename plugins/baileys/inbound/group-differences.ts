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
 * Tells what WhatsApp's answers show to have happened, when it had dropped its notifications. The events have the names of what
 * changed since the last list of all groups, so that a crash before the answer is kept makes them anew and nobody gets them
 * twice.
 */
export class GroupDifferences {
  readonly #options: DifferencesOptions;
  /** By group, what was told and may come as a notification yet: the facts and members concerned, and what of each. */
  readonly #told = new Recent<Map<string, Set<string>>>(REMEMBERED);

  constructor(options: DifferencesOptions) {
    this.#options = options;
  }

  /** Resolves when everything is published. `since` names the list of all groups that was kept before. */
  async tell(differences: readonly GroupDifference[], since: string): Promise<void> {
    const { publisher, names, ignores, note, now } = this.#options;
    for (const { group, changes } of differences) {
      if (ignores(group)) continue;
      for (const change of changes) {
        note(group, change);
        this.#remember(group, change);
        const identity = `group:${group}:list:${hashOf(change, since)}`;
        const events = await eventsOf(change, { group, timestamp: now(), author: undefined }, names, publisher.me);
        await Promise.all(
          events.map(({ event, payload }, index) =>
            publisher.publish(event, payload, { timestamp: now(), identity: `${identity}:${index}` }),
          ),
        );
      }
    }
  }

  /** Whether a notification tells of what was told already. What it tells anew is what counts from then on. */
  async wasTold(group: string, change: GroupChange): Promise<boolean> {
    const told = this.#told.get(group);
    if (!told) return false;
    const parts = partsOf(change);
    const isKnown = parts.length > 0 && parts.every(([what, how]) => told.get(what)?.has(how));
    const wasTold = isKnown && isAlreadySo(await this.#options.groups.kept(group), change);
    for (const [what, how] of parts) {
      if (wasTold) told.get(what)?.delete(how);
      else told.delete(what);
    }
    return wasTold;
  }

  #remember(group: string, change: GroupChange): void {
    const told = this.#told.get(group) ?? new Map<string, Set<string>>();
    for (const [what, how] of partsOf(change)) told.set(what, (told.get(what) ?? new Set()).add(how));
    this.#told.set(group, told);
  }
}

/** What a change is about, and how that is now. */
const partsOf = (change: GroupChange): (readonly [what: string, how: string])[] => {
  if (change.kind === 'create' || change.kind === 'gone') return [['group', change.kind]];
  if (change.kind === 'members') return change.members.map(({ id }) => [`member ${id}`, change.action]);
  if (change.kind !== 'facts' || change.invite !== undefined) return [];
  const facts = Object.entries(change.facts).filter(([name]) => name !== 'descId');
  return facts.map(([name, value]) => [name, String(value)]);
};

const hashOf = (change: GroupChange, since: string): string =>
  createHash('sha256')
    .update(JSON.stringify([since, jsonSafe(change)]))
    .digest('base64url')
    .slice(0, 22);
