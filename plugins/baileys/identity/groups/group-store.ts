import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import { type Log, sentence } from 'waha-runtime';
import type { KeyChange, SessionAuth } from 'waha-runtime/engine';
import type { GroupHead, Member } from './description.ts';

/** What of a group is kept beside its members. */
export interface KeptHead {
  readonly head: GroupHead;
  /** The `participantVersion` of the members that are kept; null when it is not known, absent when none are kept. */
  readonly roster?: string | null;
}

type StoredHead = Partial<GroupHead> & Pick<KeptHead, 'roster'>;

const HEAD = 'group-head';
const MEMBERS = 'group-members';
/** Says that all groups have been asked for, and when. */
const ALL = 'group-all';
const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/**
 * Groups beside the session's keys, so that a restart need not ask WhatsApp for all of them: while we were away it keeps what
 * changed for us. They go with the credentials. Changes that come together are written together.
 */
export class GroupStore {
  readonly #auth: Pick<SessionAuth, 'keys' | 'list' | 'commit'>;
  readonly #log: Log;
  readonly #dirty = new Map<string, () => Promise<KeyChange>>();
  /** Members on their way to the disk, which does not have them yet. */
  readonly #unwritten = new Map<string, readonly Member[]>();
  #writing: Promise<void> | undefined;

  constructor(auth: Pick<SessionAuth, 'keys' | 'list' | 'commit'>, log: Log) {
    this.#auth = auth;
    this.#log = log;
  }

  /** Every group that is kept. */
  async heads(): Promise<KeptHead[]> {
    const rows = await this.#auth.list(HEAD);
    return [...rows.values()].flatMap((bytes) => {
      const { roster, ...head } = this.#read<StoredHead>(() => Buffer.from(bytes)) ?? {};
      if (!head.id) return [];
      return { head: head as GroupHead, ...(roster === undefined ? {} : { roster }) };
    });
  }

  async members(jid: string): Promise<readonly Member[] | undefined> {
    const unwritten = this.#unwritten.get(jid);
    if (unwritten) return unwritten;
    const bytes = (await this.#auth.keys(MEMBERS, [jid])).get(jid);
    if (!bytes) return undefined;
    const plain = await inflate(bytes).catch(() => Buffer.alloc(0));
    return this.#read<Member[]>(() => plain);
  }

  /** When all groups were last asked for (ms); null when they never were. */
  async listedAt(): Promise<number | null> {
    const bytes = (await this.#auth.keys(ALL, [ALL])).get(ALL);
    return bytes ? Number(Buffer.from(bytes).toString()) : null;
  }

  listed(at: number): void {
    this.#dirty.set(ALL, async () => ({ type: ALL, id: ALL, value: Buffer.from(String(at)) }));
  }

  putHead({ head, roster }: KeptHead): void {
    const stored: StoredHead = { ...head, ...(roster === undefined ? {} : { roster }) };
    this.#dirty.set(`${HEAD} ${head.id}`, async () => ({
      ...{ type: HEAD, id: head.id },
      value: Buffer.from(JSON.stringify(stored)),
    }));
  }

  putMembers(jid: string, members: readonly Member[]): void {
    this.#unwritten.set(jid, members);
    this.#dirty.set(`${MEMBERS} ${jid}`, async () => ({
      ...{ type: MEMBERS, id: jid },
      value: await deflate(JSON.stringify(members)),
    }));
  }

  remove(jid: string): void {
    this.#unwritten.delete(jid);
    for (const type of [HEAD, MEMBERS]) this.#dirty.set(`${type} ${jid}`, async () => ({ type, id: jid, value: null }));
  }

  /** Resolves when everything put so far is durable, or could not be written: that is logged, and asked for again some day. */
  async saved(): Promise<void> {
    if (this.#writing) await this.#writing;
    if (this.#dirty.size === 0) return;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    await this.#writing;
  }

  async #write(): Promise<void> {
    const rows = [...this.#dirty.values()];
    const members = [...this.#unwritten];
    this.#dirty.clear();
    try {
      await this.#auth.commit({ keys: await Promise.all(rows.map((row) => row())) });
    } catch (error) {
      this.#log.warn({ err: sentence(error) }, 'groups could not be kept');
    }
    for (const [jid, written] of members) if (this.#unwritten.get(jid) === written) this.#unwritten.delete(jid);
  }

  #read<T>(bytes: () => Buffer): T | undefined {
    try {
      return JSON.parse(bytes().toString()) as T;
    } catch {
      return undefined;
    }
  }
}
