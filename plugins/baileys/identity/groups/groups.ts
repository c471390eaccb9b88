import { type GroupMetadata, isJidGroup } from '@whiskeysockets/baileys';
import { badRequest, type Log, sentence } from 'waha-runtime';
import type { GroupChange } from './changes.ts';
import type { GroupDescription, GroupHead, Member } from './description.ts';
import { differencesOf, factsBetween, type GroupDifference, type KeptGroup } from './differences.ts';
import type { GroupStore } from './group-store.ts';
import { GroupShelf, isCurrent, type KnownGroup, knownGroup } from './shelf.ts';

export type { KnownGroup } from './shelf.ts';

/** How many members a question about several groups is about, and how many groups. */
const MEMBERS_IN_A_QUESTION = 10_000;
const GROUPS_IN_A_QUESTION = 100;
/** How many members the groups of one answer of ours may have together. */
const MEMBERS_AT_ONCE = 250_000;

/** Asks WhatsApp; all reject as the requests do. */
export interface GroupQueries {
  one(jid: string): Promise<GroupDescription>;
  /** Those of these groups that the account is in. */
  several(jids: readonly string[]): Promise<readonly GroupDescription[]>;
  /** Every group that the account is in, without its members. */
  all(): Promise<readonly GroupHead[]>;
}

/** Hears what WhatsApp's answer shows to have happened. `since` names the list of all groups that was kept before. */
export type DifferencesListener = (differences: readonly GroupDifference[], since: string) => Promise<void>;

export interface GroupsOptions {
  readonly store: GroupStore;
  readonly queries: GroupQueries;
  readonly log: Log;
  readonly now: () => number;
  /** WhatsApp tells who is who among these. */
  described(members: readonly Member[]): void;
}

type Meanwhile = readonly { readonly jid: string; readonly change: GroupChange }[];

/**
 * Groups as WhatsApp describes them. All are asked for once, without their members; the members of a group are asked for when
 * somebody needs them. Both are kept, over restarts, too, and from then on WhatsApp's notifications keep them true. What comes
 * while a question is under way is applied to the answer once more: which of them was first cannot be told, and applied twice
 * it makes no difference.
 */
export class Groups {
  readonly #options: GroupsOptions;
  readonly #shelf: GroupShelf;
  readonly #loading = new Map<string, Promise<KnownGroup>>();
  /** What came while questions are under way. */
  readonly #meanwhile = new Set<{ readonly jid: string; readonly change: GroupChange }[]>();
  #refreshing: Promise<void> | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #onDifferences: DifferencesListener | undefined;

  constructor(options: GroupsOptions) {
    this.#options = options;
    this.#shelf = new GroupShelf(options.store, options.described);
  }

  /** What is in memory. */
  known(jid: string): KnownGroup | undefined {
    return this.#shelf.open(jid);
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
    const known = await this.#inTurn(() => this.#shelf.current(jid));
    if (known) return known;
    const loading = this.#loading.get(jid) ?? this.#ask(jid).finally(() => this.#loading.delete(jid));
    this.#loading.set(jid, loading);
    return loading;
  }

  /** As Baileys wants it when it sends: members by the names that the group has for them. */
  async forBaileys(jid: string): Promise<GroupMetadata | undefined> {
    return (await this.of(jid))?.metadata as GroupMetadata | undefined;
  }

  /** Members by the names that the group has for them; with `anew` WhatsApp is asked, also when they are known. Rejects as the question does. */
  async members(jid: string, anew: boolean): Promise<readonly string[]> {
    const { metadata } = await (anew ? this.#ask(jid) : this.get(jid));
    return metadata.participants.map(({ id }) => id);
  }

  /** Every group without its members, by id. The first time WhatsApp is asked for all. */
  async list(): Promise<ReadonlyMap<string, GroupHead>> {
    if ((await this.#options.store.listedAt()) === null) await this.refresh();
    const heads = await this.#inTurn(() => this.#shelf.heads());
    return new Map([...heads].map(([id, { head }]) => [id, head]));
  }

  /**
   * Several groups with their members. WhatsApp is asked for those whose members are not known. A group that it does not describe
   * any more is left out. Too many members at once are a `BAD_REQUEST`.
   */
  async several(jids: readonly string[]): Promise<GroupDescription[]> {
    const heads = await this.#inTurn(() => this.#shelf.heads());
    const sizes = jids.map((jid) => heads.get(jid)?.head.size ?? 0);
    const members = sizes.reduce((sum, size) => sum + size, 0);
    if (members > MEMBERS_AT_ONCE)
      throw badRequest(
        `These groups have ${members} members together, and an answer has ${MEMBERS_AT_ONCE} at most: ask with limit= and offset=, or with exclude=participants`,
      );
    await this.#askFor(await this.#outdated(jids));
    const found: GroupDescription[] = [];
    for (const jid of jids) {
      const known = await this.#inTurn(() => this.#shelf.current(jid));
      if (known) found.push(known.metadata);
    }
    return found;
  }

  /** Asks WhatsApp for all groups; whoever asks meanwhile gets the same answer. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#askForAll().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** What is found out so is heard before it is kept. */
  onDifferences(listener: DifferencesListener): void {
    this.#onDifferences = listener;
  }

  /** A group as it is known here; WhatsApp is not asked. */
  kept(jid: string): Promise<KeptGroup | undefined> {
    return this.#inTurn(() => this.#shelf.kept(jid));
  }

  /** Something happened. Resolves when it is kept. */
  apply(jid: string, changes: readonly GroupChange[], isOver = false): Promise<void> {
    for (const list of this.#meanwhile) for (const change of changes) list.push({ jid, change });
    return this.#inTurn(async () => {
      await this.#shelf.change(jid, changes);
      if (isOver) await this.#shelf.forget(jid);
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
      await this.#receive(described, meanwhile);
      return (await this.#shelf.full(jid)) ?? knownGroup(described);
    });
    await store.saved();
    return known;
  }

  /** Asks for groups with their members, so many at a time. `joined` are those whose joining nobody told of. */
  async #askFor(jids: readonly string[], joined: ReadonlyMap<string, GroupHead> = new Map()): Promise<void> {
    const { queries, store } = this.#options;
    const heads = await this.#inTurn(() => this.#shelf.heads());
    const sizeOf = (jid: string) => (heads.get(jid)?.head ?? joined.get(jid))?.size ?? GROUPS_IN_A_QUESTION;
    for (const part of portionsOf(jids, sizeOf)) {
      const [described, meanwhile] = await this.#watching(() => queries.several(part));
      await this.#inTurn(async () => {
        for (const group of described) await this.#receive(group, meanwhile, joined.has(group.id));
      });
      await store.saved();
    }
  }

  /** Keeps what WhatsApp said of a group, and tells first what of it nobody told. */
  async #receive(now: GroupDescription, meanwhile: Meanwhile, isJoined = false): Promise<void> {
    const shelf = this.#shelf;
    const changes = meanwhile.flatMap(({ jid, change }) => (jid === now.id ? [change] : []));
    await shelf.change(now.id, changes);
    const before = await shelf.full(now.id);
    if (before) await this.#tell([{ group: now.id, changes: differencesOf(before.metadata, now) }]);
    else if (isJoined) await this.#tell([{ group: now.id, changes: [{ kind: 'create', group: now }] }]);
    await shelf.put(now);
    await shelf.change(now.id, changes);
  }

  async #askForAll(): Promise<void> {
    const { queries, store, now } = this.#options;
    // The first list of all is no news.
    const isFirst = (await store.listedAt()) === null;
    const [all, meanwhile] = await this.#watching(() => queries.all());
    const joined = await this.#inTurn(() => this.#receiveAll(all, meanwhile, isFirst));
    await store.saved();
    await this.#askFor([...joined.keys(), ...(await this.#toAskFor())], joined);
    store.listed(now());
    await store.saved();
  }

  /** Gives the groups that nobody told of: their members are needed to tell. */
  async #receiveAll(
    all: readonly GroupHead[],
    meanwhile: Meanwhile,
    isFirst: boolean,
  ): Promise<ReadonlyMap<string, GroupHead>> {
    const shelf = this.#shelf;
    for (const { jid, change } of meanwhile) await shelf.change(jid, [change]);
    const heads = await shelf.heads();
    const ids = new Set(all.map(({ id }) => id));
    const gone = [...heads.keys()].filter((id) => !ids.has(id));
    if (!isFirst) await this.#tell(gone.map((group) => ({ group, changes: [{ kind: 'gone' }] })));
    for (const id of gone) await shelf.forget(id);
    const joined = new Map<string, GroupHead>();
    for (const head of all) {
      const before = heads.get(head.id)?.head;
      if (!before && !isFirst) {
        joined.set(head.id, head);
        continue;
      }
      if (before && !isFirst) await this.#tell([{ group: head.id, changes: factsBetween(before, head) }]);
      await shelf.putHead(head);
    }
    for (const { jid, change } of meanwhile) await shelf.change(jid, [change]);
    return joined;
  }

  /** Groups whose members changed without a word, and those that nobody asked for yet, if they are few. */
  async #toAskFor(): Promise<string[]> {
    const heads = [...(await this.#inTurn(() => this.#shelf.heads())).values()].filter((kept) => !isCurrent(kept));
    const unknown = heads.filter(({ roster }) => roster === undefined);
    const members = unknown.reduce((sum, { head }) => sum + (head.size ?? 0), 0);
    const wanted = members > MEMBERS_IN_A_QUESTION ? heads.filter(({ roster }) => roster !== undefined) : heads;
    return wanted.map(({ head }) => head.id);
  }

  async #outdated(jids: readonly string[]): Promise<string[]> {
    const heads = await this.#inTurn(() => this.#shelf.heads());
    return jids.filter((jid) => {
      const kept = heads.get(jid);
      return !kept || !isCurrent(kept);
    });
  }

  async #tell(differences: readonly GroupDifference[]): Promise<void> {
    const news = differences.filter(({ changes }) => changes.length > 0);
    if (news.length > 0) await this.#onDifferences?.(news, String(await this.#options.store.listedAt()));
  }

  async #watching<T>(question: () => Promise<T>): Promise<[T, Meanwhile]> {
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
}

/** Groups in portions of so many members. */
const portionsOf = (jids: readonly string[], sizeOf: (jid: string) => number): string[][] => {
  const portions: string[][] = [];
  let room = 0;
  for (const jid of jids) {
    const last = portions.at(-1);
    room -= sizeOf(jid);
    if (last && room >= 0 && last.length < GROUPS_IN_A_QUESTION) last.push(jid);
    else {
      portions.push([jid]);
      room = MEMBERS_IN_A_QUESTION - sizeOf(jid);
    }
  }
  return portions;
};
