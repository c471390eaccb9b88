import { type GroupMetadata, isJidGroup } from '@whiskeysockets/baileys';
import { type Log, sentence } from 'waha-runtime';
import { chatIdOf } from '../../messages/ids.ts';
import { applied, merged } from './apply.ts';
import type { GroupChange } from './changes.ts';
import type { GroupDescription, Member } from './description.ts';
import { differencesOf, type GroupDifference } from './differences.ts';
import type { GroupHead, GroupStore } from './group-store.ts';

/** At most so many members are held in memory, of all groups together; the rest is read from the store when needed. */
const MEMBERS_IN_MEMORY = 200_000;

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

/** Asks WhatsApp; both reject as the requests do. */
export interface GroupQueries {
  one(jid: string): Promise<GroupDescription>;
  /** Every group that the account is in. */
  all(): Promise<GroupDescription[]>;
}

export interface GroupsOptions {
  readonly store: GroupStore;
  readonly queries: GroupQueries;
  readonly log: Log;
  readonly now: () => number;
  /** WhatsApp tells who is who among these. */
  described(members: readonly Member[]): void;
}

/**
 * Groups as WhatsApp describes them. Each is asked for once and kept, over restarts, too; from then on WhatsApp's
 * notifications keep it true. What comes while a question is under way is applied to the answer once more: which of them
 * was first cannot be told, and applied twice it makes no difference.
 */
export class Groups {
  readonly #options: GroupsOptions;
  readonly #open = new Map<string, KnownGroup>();
  readonly #loading = new Map<string, Promise<KnownGroup>>();
  /** What came while questions are under way; by group. */
  readonly #meanwhile = new Set<{ readonly jid: string; readonly change: GroupChange }[]>();
  #heads: Promise<Map<string, GroupHead>> | undefined;
  #inMemory = 0;
  #refreshing: Promise<void> | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #onDifferences: ((differences: readonly GroupDifference[]) => Promise<void>) | undefined;

  constructor(options: GroupsOptions) {
    this.#options = options;
  }

  /** What is in memory. */
  known(jid: string): KnownGroup | undefined {
    return this.#open.get(jid);
  }

  /** Asks WhatsApp when it is not known. Undefined for what is no group, or when WhatsApp does not say. Never rejects. */
  async of(jid: string): Promise<KnownGroup | undefined> {
    if (!isJidGroup(jid)) return undefined;
    try {
      return await this.get(jid);
    } catch (error) {
      this.#options.log.debug({ group: jid, err: sentence(error) }, 'WhatsApp did not describe a group');
      return undefined;
    }
  }

  /** Like `of`, and rejects as the question does. */
  async get(jid: string): Promise<KnownGroup> {
    const known = await this.#inTurn(() => this.#take(jid));
    if (known) return known;
    const loading = this.#loading.get(jid) ?? this.#ask(jid).finally(() => this.#loading.delete(jid));
    this.#loading.set(jid, loading);
    return loading;
  }

  /** As Baileys wants it when it sends: members by the names that the group has for them. */
  async forBaileys(jid: string): Promise<GroupMetadata | undefined> {
    return (await this.of(jid))?.metadata as GroupMetadata | undefined;
  }

  /** Every group without its members, by id. The first time WhatsApp is asked for all. */
  async list(): Promise<ReadonlyMap<string, GroupHead>> {
    if ((await this.#options.store.listedAt()) === null) await this.refresh();
    return this.#inTurn(() => this.#headsOf());
  }

  /** Asks WhatsApp for all groups; whoever asks meanwhile gets the same answer. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#askForAll().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** Hears what a list of all groups shows to have happened, before it is kept. */
  onDifferences(listener: (differences: readonly GroupDifference[]) => Promise<void>): void {
    this.#onDifferences = listener;
  }

  /** A group as it is known here; WhatsApp is not asked. */
  async kept(jid: string): Promise<GroupDescription | undefined> {
    return (await this.#inTurn(() => this.#take(jid)))?.metadata;
  }

  /** Something happened. Resolves when it is kept. */
  apply(jid: string, changes: readonly GroupChange[], isOver = false): Promise<void> {
    for (const list of this.#meanwhile) for (const change of changes) list.push({ jid, change });
    return this.#inTurn(async () => {
      await this.#change(jid, changes);
      if (isOver) await this.#forget(jid);
    }).then(() => this.#options.store.saved());
  }

  /** WhatsApp has described a group by the way: in an answer, or because we are in it now. */
  put(group: GroupDescription): Promise<void> {
    return this.apply(group.id, [{ kind: 'create', group }]);
  }

  async #ask(jid: string): Promise<KnownGroup> {
    const { queries, store } = this.#options;
    const [described, meanwhile] = await this.#watching(() => queries.one(jid));
    const known = await this.#inTurn(async () => {
      await this.#put(described);
      await this.#change(jid, changesOf(meanwhile, jid));
      return (await this.#take(jid)) ?? knownGroup(described);
    });
    await store.saved();
    return known;
  }

  async #askForAll(): Promise<void> {
    const { queries, store, now } = this.#options;
    const [all, meanwhile] = await this.#watching(() => queries.all());
    await this.#inTurn(async () => {
      for (const { jid, change } of meanwhile) await this.#change(jid, [change]);
      // The first list of all is no news.
      if ((await store.listedAt()) !== null) await this.#tellDifferences(all);
      const ids = new Set(all.map(({ id }) => id));
      for (const id of [...(await this.#headsOf()).keys()]) if (!ids.has(id)) await this.#forget(id);
      for (const group of all) await this.#put(group);
      for (const { jid, change } of meanwhile) await this.#change(jid, [change]);
      store.listed(now());
    });
    await store.saved();
  }

  async #tellDifferences(all: readonly GroupDescription[]): Promise<void> {
    const ids = new Set(all.map(({ id }) => id));
    const gone = [...(await this.#headsOf()).keys()].filter((id) => !ids.has(id));
    const differences: GroupDifference[] = gone.map((group) => ({ group, changes: [{ kind: 'gone' }] }));
    for (const group of all) {
      const changes = differencesOf((await this.#take(group.id))?.metadata, group);
      if (changes.length > 0) differences.push({ group: group.id, changes });
    }
    if (differences.length > 0) await this.#onDifferences?.(differences);
  }

  async #watching<T>(question: () => Promise<T>): Promise<[T, readonly { jid: string; change: GroupChange }[]]> {
    const meanwhile: { jid: string; change: GroupChange }[] = [];
    this.#meanwhile.add(meanwhile);
    try {
      return [await question(), meanwhile];
    } finally {
      // What follows goes by its turn.
      this.#meanwhile.delete(meanwhile);
    }
  }

  /** One thing after the other: a group may have to be read from the store first. */
  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(action);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #headsOf(): Promise<Map<string, GroupHead>> {
    this.#heads ??= this.#options.store.heads().then(
      (heads) => new Map(heads.map((head) => [head.id, head])),
      (error) => {
        this.#heads = undefined;
        throw error;
      },
    );
    return this.#heads;
  }

  /** From memory or the store; undefined when it is in neither. */
  async #take(jid: string): Promise<KnownGroup | undefined> {
    const open = this.#open.get(jid);
    if (open) return open;
    const head = (await this.#headsOf()).get(jid);
    const participants = head && (await this.#options.store.members(jid));
    if (!participants) return undefined;
    return this.#keep({ ...head, participants } as GroupDescription);
  }

  async #change(jid: string, changes: readonly GroupChange[]): Promise<void> {
    let known = (await this.#take(jid))?.metadata;
    for (const change of changes) {
      if (change.kind === 'create') known = merged(known, change.group);
      else if (known) known = applied(known, change);
    }
    if (known && changes.length > 0) await this.#put(known);
  }

  async #put(group: GroupDescription): Promise<void> {
    const { store, described } = this.#options;
    const before = this.#open.get(group.id)?.metadata ?? (await this.#take(group.id))?.metadata;
    const now = before === undefined ? group : merged(before, group);
    const { participants, ...head } = now;
    (await this.#headsOf()).set(group.id, head as GroupHead);
    store.putHead(head as GroupHead);
    if (participants !== before?.participants) {
      store.putMembers(group.id, participants);
      const known = new Set(before?.participants.map(({ id }) => id));
      const fresh = participants.filter(({ id }) => !known.has(id));
      if (fresh.length > 0) described(fresh);
    }
    this.#keep(now);
  }

  async #forget(jid: string): Promise<void> {
    (await this.#headsOf()).delete(jid);
    this.#close(jid);
    this.#options.store.remove(jid);
  }

  #keep(metadata: GroupDescription): KnownGroup {
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

const changesOf = (meanwhile: readonly { jid: string; change: GroupChange }[], jid: string): GroupChange[] =>
  meanwhile.flatMap((one) => (one.jid === jid ? [one.change] : []));

const knownGroup = (metadata: GroupDescription): KnownGroup => {
  const admins = metadata.participants.filter(({ admin }) => admin);
  const names = admins.flatMap(({ id, lid, phoneNumber }) => [id, lid, phoneNumber]);
  return {
    addressing: metadata.addressingMode === 'lid' ? 'lid' : 'pn',
    expiration: metadata.ephemeralDuration ?? 0,
    admins: new Set(names.flatMap((jid) => (jid ? [chatIdOf(jid)] : []))),
    metadata,
  };
};
