import { chatIdOf } from '../../messages/ids.ts';
import { applied, appliedToHead, merged } from './apply.ts';
import type { GroupChange } from './changes.ts';
import { type GroupDescription, type GroupHead, headOf, type Member } from './description.ts';
import type { KeptGroup } from './differences.ts';
import type { GroupStore, KeptHead } from './group-store.ts';

/** At most so many members are held in memory, of all groups together; the rest is read from the store when needed. */
const MEMBERS_IN_MEMORY = 50_000;
/** Stands for the version of members that are kept and no longer right. */
const OUTDATED = 'outdated';

/** What is known of a group. */
export interface KnownGroup {
  /** Which names its members go by: phone numbers, or hidden ids. */
  readonly addressing: 'pn' | 'lid';
  /** How long its messages live, in seconds; 0 for ever. */
  readonly expiration: number;
  /** Under every name that they have, in WAHA's form. */
  readonly admins: ReadonlySet<string>;
  readonly metadata: GroupDescription;
}

/**
 * What is kept of groups: of each its head, and the members of those that were asked for. The members are out of date when the
 * head has another version of them: a list of all groups tells that they changed, and not how. Call one thing after the other.
 */
export class GroupShelf {
  readonly #store: GroupStore;
  readonly #described: (members: readonly Member[]) => void;
  readonly #open = new Map<string, KnownGroup>();
  #heads: Promise<Map<string, KeptHead>> | undefined;
  #inMemory = 0;

  /** `described` hears of members whose names are new. */
  constructor(store: GroupStore, described: (members: readonly Member[]) => void) {
    this.#store = store;
    this.#described = described;
  }

  /** What is in memory. */
  open(jid: string): KnownGroup | undefined {
    return this.#open.get(jid);
  }

  heads(): Promise<Map<string, KeptHead>> {
    this.#heads ??= this.#store.heads().then(
      (heads) => new Map(heads.map((kept) => [kept.head.id, kept])),
      (error) => {
        this.#heads = undefined;
        throw error;
      },
    );
    return this.#heads;
  }

  /** With its members, from memory or the store; undefined when they are in neither. They may be out of date. */
  async full(jid: string): Promise<KnownGroup | undefined> {
    const open = this.#open.get(jid);
    if (open) return open;
    const kept = (await this.heads()).get(jid);
    if (kept?.roster === undefined) return undefined;
    const participants = await this.#store.members(jid);
    return participants && this.#hold({ ...kept.head, participants });
  }

  /** The same, and only what is up to date. */
  async current(jid: string): Promise<KnownGroup | undefined> {
    const kept = (await this.heads()).get(jid);
    return kept && isCurrent(kept) ? this.full(jid) : undefined;
  }

  /** Whatever is known. */
  async kept(jid: string): Promise<KeptGroup | undefined> {
    return (await this.full(jid))?.metadata ?? (await this.heads()).get(jid)?.head;
  }

  /** A group as a list without members describes it. Without a version of them it may be that they changed. */
  async putHead(head: GroupHead): Promise<void> {
    const roster = (await this.heads()).get(head.id)?.roster;
    const isUncertain = roster !== undefined && head.participantVersion === undefined;
    await this.#keep({ head, ...(roster === undefined ? {} : { roster: isUncertain ? OUTDATED : roster }) });
    const open = this.#open.get(head.id);
    if (open) this.#hold({ ...head, participants: open.metadata.participants });
  }

  /** A group with its members, as WhatsApp describes it now. */
  async put(now: GroupDescription): Promise<void> {
    const before = (await this.full(now.id))?.metadata;
    await this.#write(before, merged(before, now), now.participantVersion ?? null);
  }

  async change(jid: string, changes: readonly GroupChange[]): Promise<void> {
    for (const change of changes) {
      if (change.kind === 'create') {
        await this.put(change.group);
        continue;
      }
      const kept = (await this.heads()).get(jid);
      const before = (await this.full(jid))?.metadata;
      if (kept && before) {
        const now = applied(before, change);
        await this.#write(before, now, isCurrent(kept) ? (now.participantVersion ?? null) : (kept.roster ?? null));
      } else if (kept) await this.#keep({ head: appliedToHead(kept.head, change) });
    }
  }

  async forget(jid: string): Promise<void> {
    (await this.heads()).delete(jid);
    this.#close(jid);
    this.#store.remove(jid);
  }

  async #write(before: GroupDescription | undefined, now: GroupDescription, roster: string | null): Promise<void> {
    await this.#keep({ head: headOf(now), roster });
    if (now.participants !== before?.participants) {
      this.#store.putMembers(now.id, now.participants);
      const known = new Set(before?.participants.map(({ id }) => id));
      const fresh = now.participants.filter(({ id }) => !known.has(id));
      if (fresh.length > 0) this.#described(fresh);
    }
    this.#hold(now);
  }

  async #keep(kept: KeptHead): Promise<void> {
    (await this.heads()).set(kept.head.id, kept);
    this.#store.putHead(kept);
  }

  #hold(metadata: GroupDescription): KnownGroup {
    this.#close(metadata.id);
    const known = knownGroup(metadata);
    this.#open.set(metadata.id, known);
    this.#inMemory += metadata.participants.length;
    for (const oldest of this.#open.keys()) {
      if (this.#inMemory <= MEMBERS_IN_MEMORY || oldest === metadata.id) break;
      this.#close(oldest);
    }
    return known;
  }

  #close(jid: string): void {
    const open = this.#open.get(jid);
    if (!open) return;
    this.#open.delete(jid);
    this.#inMemory -= open.metadata.participants.length;
  }
}

/** Whether the members that are kept are those of the head. */
export const isCurrent = ({ head, roster }: KeptHead): boolean =>
  roster !== undefined && roster === (head.participantVersion ?? null);

export const knownGroup = (metadata: GroupDescription): KnownGroup => {
  const admins = metadata.participants.filter(({ admin }) => admin);
  const names = admins.flatMap(({ id, lid, phoneNumber }) => [id, lid, phoneNumber]);
  return {
    addressing: metadata.addressingMode === 'lid' ? 'lid' : 'pn',
    expiration: metadata.ephemeralDuration ?? 0,
    admins: new Set(names.flatMap((jid) => (jid ? [chatIdOf(jid)] : []))),
    metadata,
  };
};
