import { type BinaryNode, isJidGroup } from '@whiskeysockets/baileys';
import { type Log, sentence } from 'waha-runtime';
import type { WriteGate } from '../credentials/auth-state.ts';
import { type GroupChange, type GroupNotice, readNotice } from '../identity/groups/changes.ts';
import type { Groups } from '../identity/groups/groups.ts';
import { personOf } from '../identity/groups/people.ts';
import type { LidMappings } from '../identity/lid-mappings.ts';
import { Recent } from '../recent.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import type { Fact } from './event-queue.ts';
import { GroupDifferences } from './group-differences.ts';
import { eventsOf, type GroupEvent, includesMe, joined } from './group-events.ts';
import type { Publisher } from './publisher.ts';

const REMEMBERED = 500;

export interface GroupWatchOptions {
  readonly publisher: Publisher;
  readonly names: LidMappings;
  readonly groups: Groups;
  readonly gate: Pick<WriteGate, 'hold'>;
  readonly log: Log;
  /** What the session has published lately, in this connection or an earlier one. */
  readonly published: Recent<true>;
  /** Makes a new key for our messages in a group. */
  rotate(group: string): void;
  renamed(group: string, subject: string): void;
  ignores(jid: string): boolean;
  tell(fact: Fact): void;
}

/**
 * Hears what happens to groups, whoever did it, from WhatsApp's own notifications: Baileys reads the first child of each only,
 * and leaves kinds out. A notification is confirmed when its events are published and the group as it is now is kept, so
 * that a crash loses neither.
 */
export class GroupWatch {
  readonly #options: GroupWatchOptions;
  /** Groups whose joining was told because we were among the added. */
  readonly #joined = new Recent<true>(REMEMBERED);
  readonly #differences: GroupDifferences;
  #turn: Promise<void> = Promise.resolve();

  constructor({ ws }: Pick<BaileysSocket, 'ws'>, options: GroupWatchOptions) {
    this.#options = options;
    const note = this.#note.bind(this);
    this.#differences = new GroupDifferences({ ...options, note, now: Date.now });
    options.groups.onDifferences((found, since) => this.#differences.tell(found, since));
    ws.prependListener('CB:notification', (stanza: BinaryNode) => {
      const { type, from } = stanza.attrs;
      const isOurs = type === 'w:gp2' || (type === 'picture' && isJidGroup(from));
      if (isOurs && from && !options.ignores(from)) this.#hear(readNotice(stanza));
    });
  }

  #hear(notice: GroupNotice): void {
    const { log, gate, tell } = this.#options;
    if (notice.unknown.length > 0) log.info({ group: notice.group, kinds: notice.unknown }, 'a new kind of change');
    if (notice.changes.length === 0) return;
    const release = gate.hold();
    let events: GroupEvent[] = [];
    const prepare = async (): Promise<void> => {
      events = await this.#take(notice, release);
    };
    // One after the other: a group has to be known before what happens to it.
    this.#turn = this.#turn
      .then(prepare)
      .catch((error) => log.error({ err: sentence(error) }, 'a change of a group was not understood'));
    tell({
      prepared: this.#turn,
      chat: () => notice.group,
      publish: () => this.#publish(notice, events).finally(release),
    });
  }

  /** Takes effect, and says what to tell. */
  async #take({ changes, ...notice }: GroupNotice, release: () => void): Promise<GroupEvent[]> {
    const { groups, names, publisher } = this.#options;
    const { group } = notice;
    const events: GroupEvent[] = [];
    let isOver = false;
    for (const change of changes) {
      const isMine = await this.#concernsMe(change);
      if (change.kind === 'gone' || (isMine && isRemoval(change))) isOver = true;
      if (change.kind === 'create') isOver = false;
      this.#note(group, change);
      if (await this.#differences.wasTold(group, change)) continue;
      if (change.kind === 'create' && this.#joined.has(group)) this.#joined.delete(group);
      else events.push(...(await eventsOf(change, notice, names, publisher.me)));
    }
    if (isOver) this.#joined.delete(group);
    await groups.apply(group, changes, isOver);
    if (!isOver && (await this.#isAddedSilently(changes, group))) {
      // WhatsApp is asked, and nothing goes out while this notification is held back.
      release();
      events.push(...(await this.#joining(notice)));
    }
    return events;
  }

  #note(group: string, change: GroupChange): void {
    const { rotate, renamed } = this.#options;
    if (isRemoval(change)) rotate(group);
    if (change.kind === 'create') renamed(group, change.group.subject);
    if (change.kind === 'facts' && change.facts.subject) renamed(group, change.facts.subject);
  }

  /** We are among the added, and WhatsApp did not hand us the group. */
  async #isAddedSilently(changes: readonly GroupChange[], group: string): Promise<boolean> {
    if (changes.some(({ kind }) => kind === 'create') || this.#options.groups.known(group)) return false;
    for (const change of changes) {
      if (change.kind === 'members' && change.action === 'add' && (await this.#concernsMe(change))) return true;
    }
    return false;
  }

  async #joining({ group, timestamp, author }: Omit<GroupNotice, 'changes'>): Promise<GroupEvent[]> {
    const { groups, names } = this.#options;
    const known = await groups.of(group);
    if (!known) return [];
    this.#joined.set(group, true);
    const by = author ? { author: await personOf(author, names) } : {};
    return joined(known.metadata, { timestamp, ...by }, names);
  }

  async #concernsMe(change: GroupChange): Promise<boolean> {
    if (change.kind !== 'members') return false;
    const { names, publisher } = this.#options;
    const people = await Promise.all(change.members.map((member) => personOf(member, names)));
    return includesMe(people, publisher.me);
  }

  async #publish({ group, id, timestamp }: GroupNotice, events: readonly GroupEvent[]): Promise<void> {
    const { publisher, published } = this.#options;
    const identity = `group:${group}:${id}`;
    // WhatsApp sends again what it has no word about.
    if (published.has(identity)) return;
    published.set(identity, true);
    try {
      await Promise.all(
        events.map(({ event, payload }, index) =>
          publisher.publish(event, payload, { timestamp, identity: `${identity}:${index}` }),
        ),
      );
    } catch (error) {
      published.delete(identity);
      throw error;
    }
  }
}

const isRemoval = (change: GroupChange): boolean => change.kind === 'members' && change.action === 'remove';
