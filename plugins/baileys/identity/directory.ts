import { jidNormalizedUser } from '@whiskeysockets/baileys';
import type { MeInfo } from 'waha-runtime';
import type { AuthState } from '../credentials/auth-state.ts';
import { hiddenIdOf } from '../socket/hidden-ids.ts';
import type { Requests } from '../socket/requests.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import { ChatTimers } from './chat-timers.ts';
import type { Groups } from './groups/groups.ts';
import { LidMappings } from './lid-mappings.ts';
import { People } from './people.ts';
import { PhoneNumbers } from './phone-numbers.ts';
import { Usernames } from './usernames.ts';

export interface DirectoryOptions {
  readonly auth: AuthState;
  readonly groups: Groups;
  readonly requests: Requests;
  me(): MeInfo | null;
}

/** Who is who, and what is known of a chat that sending depends on. */
export class Directory {
  readonly names: LidMappings;
  readonly groups: Groups;
  readonly timers: ChatTimers;
  readonly numbers: PhoneNumbers;
  readonly people: People;
  readonly #me: () => MeInfo | null;

  constructor(sock: BaileysSocket, { auth, groups, requests, me }: DirectoryOptions) {
    this.#me = me;
    this.names = new LidMappings(auth);
    this.groups = groups;
    this.timers = new ChatTimers(sock, { auth, names: this.names, groups });
    this.numbers = new PhoneNumbers(auth, () => me()?.jid, new Usernames(requests));
    this.people = new People({ names: this.names, me }, this.numbers.usernames);
  }

  /**
   * How people are named in a group, by each of their names: members go by numbers, or by hidden ids, and phones drop mentions
   * and quotes in the other form. Empty outside of groups, and for people whose other name nobody knows.
   */
  async namesIn(sock: BaileysSocket, group: string, people: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    const facts = people.length > 0 ? await this.groups.of(group) : undefined;
    if (!facts) return found;
    const server = facts.addressing === 'lid' ? '@lid' : '@s.whatsapp.net';
    for (const person of people) {
      const both = await this.#bothOf(sock, jidNormalizedUser(person));
      const wanted = both.find((jid) => jid.endsWith(server));
      if (wanted) for (const jid of [person, ...both]) found.set(jid, wanted);
    }
    return found;
  }

  async #bothOf(sock: BaileysSocket, jid: string): Promise<string[]> {
    const me = this.#me();
    const mine = [me?.jid, me?.lid].flatMap((own) => (own ? [jidNormalizedUser(own)] : []));
    if (mine.includes(jid)) return mine;
    const known = await this.names.jidsOf([jid]);
    if (known.length > 1 || jid.endsWith('@lid')) return known;
    const asked = await hiddenIdOf(sock, jid).catch(() => null);
    return asked ? [jid, jidNormalizedUser(asked)] : known;
  }
}
