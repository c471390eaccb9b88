import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import { type Log, sentence } from 'waha-runtime';
import type { KeyChange, SessionAuth } from 'waha-runtime/engine';
import type { GroupDescription, Member } from './description.ts';

/** A group without its members: there may be a thousand of them. */
export type GroupHead = Omit<GroupDescription, 'participants'>;

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
  #writing: Promise<void> | undefined;

  constructor(auth: Pick<SessionAuth, 'keys' | 'list' | 'commit'>, log: Log) {
    this.#auth = auth;
    this.#log = log;
  }

  /** Every group that is kept. */
  async heads(): Promise<GroupHead[]> {
    const rows = await this.#auth.list(HEAD);
    return [...rows.values()].flatMap((bytes) => this.#read<GroupHead>(() => Buffer.from(bytes)) ?? []);
  }

  async members(jid: string): Promise<readonly Member[] | undefined> {
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

  putHead(head: GroupHead): void {
    this.#dirty.set(`${HEAD} ${head.id}`, async () => ({
      ...{ type: HEAD, id: head.id },
      value: Buffer.from(JSON.stringify(head)),
    }));
  }

  putMembers(jid: string, members: readonly Member[]): void {
    this.#dirty.set(`${MEMBERS} ${jid}`, async () => ({
      ...{ type: MEMBERS, id: jid },
      value: await deflate(JSON.stringify(members)),
    }));
  }

  remove(jid: string): void {
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
    this.#dirty.clear();
    try {
      await this.#auth.commit({ keys: await Promise.all(rows.map((row) => row())) });
    } catch (error) {
      this.#log.warn({ err: sentence(error) }, 'groups could not be kept');
    }
  }

  #read<T>(bytes: () => Buffer): T | undefined {
    try {
      return JSON.parse(bytes().toString()) as T;
    } catch {
      return undefined;
    }
  }
}
