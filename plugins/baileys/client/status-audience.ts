import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren, jidNormalizedUser } from '@whiskeysockets/baileys';
import { badRequest, isRuntimeError, type MeInfo, unprocessable } from 'waha-runtime';
import type { Directory } from '../identity/directory.ts';
import { chatIdOf, jidOf } from '../messages/ids.ts';
import { hiddenIdsOf } from '../socket/hidden-ids.ts';
import type { Requests } from '../socket/requests.ts';
import { askServer } from '../socket/server-queries.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import type { MessageStore } from '../store/message-store.ts';

/** What a post says of the account's setting, by what WhatsApp calls that in its answer. */
const settings = { contacts: 'contacts', whitelist: 'allowlist', blacklist: 'denylist' } as const;
type Setting = keyof typeof settings;

interface Privacy {
  readonly setting: Setting;
  /** Whom it is about, by every name that is known. */
  readonly people: ReadonlySet<string>;
}

/** Where people are looked up. */
export interface AudienceOptions {
  readonly requests: Requests;
  readonly messageStore: MessageStore;
  readonly directory: Directory;
  me(): MeInfo | null;
}

/** Who gets a status, and what its stanza says of that. */
export interface Audience {
  readonly jids: readonly string[];
  readonly nodes: BinaryNode[];
}

/**
 * Finds out who gets a status. WhatsApp wants people by their hidden ids, and refuses (479) numbers on accounts that have
 * one; Baileys writes them as they are given, and leaves out our own devices unless they are listed.
 */
export class StatusAudience {
  readonly #options: AudienceOptions;

  constructor(options: AudienceOptions) {
    this.#options = options;
  }

  /** For a post: the people named, or the contacts of the store. */
  async forPost(contacts: readonly string[] | undefined): Promise<Audience> {
    const privacy = await this.#call((sock) => privacyOf(sock));
    const people = contacts ? named(contacts) : await this.#allowed(privacy);
    const meta = { tag: 'meta', attrs: { status_setting: settings[privacy.setting] } };
    return { jids: await this.#reached(people), nodes: [meta] };
  }

  /** For what takes a post back: the same people, and no word of the setting. */
  async forRemoval(contacts: readonly string[] | undefined): Promise<Audience> {
    const people = contacts ? named(contacts) : await this.#allowed(await this.#call((sock) => privacyOf(sock)));
    return { jids: await this.#reached(people), nodes: [] };
  }

  /** For a reaction to somebody's status: it is their business only. */
  async forAuthor(author: string): Promise<Audience> {
    return { jids: await this.#reached([author]), nodes: [] };
  }

  /** The contacts of the store, as far as the account's owner shows them statuses. */
  async #allowed({ setting, people }: Privacy): Promise<string[]> {
    const { messageStore, directory } = this.#options;
    const { library } = messageStore;
    if (!library)
      throw unprocessable(
        'contacts must be given: the session keeps no store to take them from (config.noweb.store.enabled)',
      );
    const known = await library.contacts({});
    const jids = known.flatMap(({ id, name }) => (name && /@(c\.us|lid)$/.test(id) ? [jidOf(id)] : []));
    if (setting === 'contacts') return jids;
    const listed = await Promise.all(
      jids.map(async (jid) => (await directory.names.jidsOf([jid])).some((one) => people.has(one))),
    );
    return jids.filter((_, at) => listed[at] === (setting === 'whitelist'));
  }

  /** These people as WhatsApp wants them, and ourselves. Rejects when there is nobody. */
  async #reached(people: readonly string[]): Promise<string[]> {
    const me = this.#options.me();
    const own = [me?.lid, me?.jid].flatMap((jid) => (jid ? [jidNormalizedUser(jid)] : []));
    const [self] = own;
    const others = people.filter((jid) => !own.includes(jid));
    if (others.length === 0) throw unprocessable('contacts: there is nobody to show the status to');
    return this.#call(async (sock) => {
      const { numbers } = this.#options.directory;
      const found = me?.lid ? await this.#hiddenIds(sock, others) : await numbers.reachAll(sock, others, placeOf);
      // WhatsApp takes a status for nobody, too. The devices are looked up for sending anyway, and kept.
      const devices = found.length > 0 ? await sock.getUSyncDevices([...found], true, false) : [];
      if (devices.length === 0) throw unprocessable(`contacts: nobody has ${listOf(others)} on WhatsApp`);
      return [...(self ? [self] : []), ...found];
    });
  }

  async #hiddenIds(sock: BaileysSocket, people: readonly string[]): Promise<string[]> {
    const { numbers } = this.#options.directory;
    const known = await Promise.all(people.map((jid, at) => numbers.known(jid, placeOf(at))));
    const lids = new Map<string, string>();
    const learn = async (jids: readonly string[]): Promise<void> => {
      const found = jids.length > 0 ? await hiddenIdsOf(sock, jids) : new Map<string, string>();
      for (const [pn, lid] of found) lids.set(jidNormalizedUser(pn), jidNormalizedUser(lid));
    };
    await learn(known.filter((jid) => !jid.endsWith('@lid')));
    // Who has none may have the number in another form.
    const left = known.filter((jid) => !jid.endsWith('@lid') && !lids.has(jid));
    const others = (await numbers.reachAll(sock, left, placeOf)).filter((jid) => !left.includes(jid));
    await learn(others);
    known.push(...others);
    return [...new Set(known.flatMap((jid) => (jid.endsWith('@lid') ? [jid] : (lids.get(jid) ?? []))))];
  }

  #call<T>(action: (sock: BaileysSocket) => Promise<T>): Promise<T> {
    return this.#options.requests.call('the status', action);
  }
}

const placeOf = (at: number): string => `contacts[${at}]`;

const named = (contacts: readonly string[]): string[] =>
  contacts.map((contact, at) => {
    const jid = jidOf(contact, placeOf(at));
    if (!/@(s\.whatsapp\.net|lid|username)$/.test(jid)) throw badRequest(`contacts[${at}] must be a person`);
    return jid;
  });

const listOf = (jids: readonly string[]): string =>
  `${jids
    .slice(0, 3)
    .map((jid) => `'${chatIdOf(jid)}'`)
    .join(', ')}${jids.length > 3 ? ', …' : ''}`;

/** Whom the account's owner shows statuses. */
const privacyOf = async (sock: BaileysSocket): Promise<Privacy> => {
  const answer = await askServer(sock, { xmlns: 'status', type: 'get' }, { tag: 'privacy', attrs: {} }).catch(
    (error: unknown) => {
      // Not to know is no reason to show it to everybody; to be refused means that there is no setting.
      if (isRuntimeError(error)) throw error;
      if (typeof (error as { data?: unknown }).data !== 'number') throw error;
      return undefined;
    },
  );
  const lists = getBinaryNodeChildren(getBinaryNodeChild(answer, 'privacy'), 'list');
  const list = lists.find(({ attrs }) => attrs['default'] === 'true') ?? lists[0];
  const type = list?.attrs['type'] ?? 'contacts';
  const setting: Setting = type in settings ? (type as Setting) : 'contacts';
  const people = getBinaryNodeChildren(list, 'user').flatMap(({ attrs: { jid } }) =>
    jid ? [jidNormalizedUser(jid)] : [],
  );
  return { setting, people: new Set(people) };
};
