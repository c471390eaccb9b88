import { type GroupMetadata, isJidGroup } from '@whiskeysockets/baileys';
import { type Log, sentence } from 'waha-runtime';
import { chatIdOf } from '../messages/ids.ts';
import { Recent } from '../recent.ts';
import type { BaileysSocket } from '../socket/socket.ts';

const KEPT = 1000;

/** What is known of a group. */
export interface GroupFacts {
  /** Which names its members go by: phone numbers, or hidden ids. */
  readonly addressing: 'pn' | 'lid';
  /** How long its messages live, in seconds; 0 for ever. */
  readonly expiration: number;
  /** Under every name that they have, in WAHA's form. */
  readonly admins: ReadonlySet<string>;
  readonly metadata: GroupMetadata;
}

/** Groups as WhatsApp describes them: asked for once in a connection, and again after each change. */
export class Groups {
  readonly #sock: Pick<BaileysSocket, 'groupMetadata'>;
  readonly #log: Log;
  readonly #known = new Recent<GroupFacts>(KEPT);
  readonly #loading = new Map<string, Promise<GroupFacts | undefined>>();

  constructor(sock: Pick<BaileysSocket, 'ev' | 'groupMetadata'>, log: Log) {
    this.#sock = sock;
    this.#log = log;
    const forget = (id: string | undefined) => id && this.#known.delete(id);
    sock.ev.on('groups.update', (groups) => {
      for (const { id } of groups) forget(id);
    });
    sock.ev.on('group-participants.update', ({ id }) => void forget(id));
    sock.ev.on('groups.upsert', (groups) => {
      for (const { id } of groups) forget(id);
    });
  }

  /** What is known already. */
  known(jid: string): GroupFacts | undefined {
    return this.#known.get(jid);
  }

  /** Asks WhatsApp when it is not known. Undefined for what is no group, or when WhatsApp does not say. Never rejects. */
  async of(jid: string): Promise<GroupFacts | undefined> {
    if (!isJidGroup(jid)) return undefined;
    const known = this.#known.get(jid);
    if (known) return known;
    const loading = this.#loading.get(jid) ?? this.#load(jid).finally(() => this.#loading.delete(jid));
    this.#loading.set(jid, loading);
    return loading;
  }

  async #load(jid: string): Promise<GroupFacts | undefined> {
    try {
      const facts = factsOf(await this.#sock.groupMetadata(jid));
      this.#known.set(jid, facts);
      return facts;
    } catch (error) {
      this.#log.debug({ group: jid, err: sentence(error) }, 'WhatsApp did not describe a group');
      return undefined;
    }
  }
}

const factsOf = (metadata: GroupMetadata): GroupFacts => {
  const admins = metadata.participants.filter(({ admin }) => admin);
  const names = admins.flatMap(({ id, lid, phoneNumber }) => [id, lid, phoneNumber]);
  return {
    addressing: metadata.addressingMode === 'lid' ? 'lid' : 'pn',
    expiration: metadata.ephemeralDuration ?? 0,
    admins: new Set(names.flatMap((jid) => (jid ? [chatIdOf(jid)] : []))),
    metadata,
  };
};
