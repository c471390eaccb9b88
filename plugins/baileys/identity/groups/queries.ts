import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren } from '@whiskeysockets/baileys';
import { isRuntimeError, notFound, RuntimeError, tooManyRequests, unavailable, unprocessable } from 'waha-runtime';
import type { Requests } from '../../socket/requests.ts';
import { askServer } from '../../socket/server-queries.ts';
import { describe, type GroupDescription, type GroupHead, headOf } from './description.ts';
import type { GroupQueries } from './groups.ts';

/** Where questions go that concern no single group. */
const ALL = '@g.us';
/** How long nobody asks for many groups after WhatsApp found it too much. */
const PAUSE_MS = 60_000;

/** Two questions by an invitation: a code that leads nowhere is "not acceptable" to WhatsApp. */
export const INVITATION = 'the invitation';
export const TO_JOIN = 'to join the group';

/** What WhatsApp's codes mean here; of a whole query, not of one participant. */
const meanings: Record<number, (what: string) => RuntimeError> = {
  400: (what) => unprocessable(`WhatsApp refused ${what} as invalid (error 400)`),
  401: (what) => refused(what, 401, 'only admins of the group may do that'),
  403: (what) => refused(what, 403, 'the account is not in the group, or only admins may do that'),
  404: () => notFound('WhatsApp knows no such group'),
  405: (what) => refused(what, 405, 'the account was removed from the group'),
  406: (what) =>
    what === INVITATION || what === TO_JOIN
      ? notFound('there is no such invitation')
      : unprocessable(`WhatsApp does not accept ${what} (error 406)`),
  409: (what) =>
    unprocessable(`${what}: there is nothing to change, or somebody else changed it at the same time (error 409)`),
  410: () => notFound('this invitation was revoked'),
  412: (what) => unprocessable(`${what}: the community is full (error 412)`),
  416: (what) => unprocessable(`WhatsApp does not accept ${what} (error 416)`),
  419: (what) => unprocessable(`${what}: the group is full (error 419)`),
  423: (what) => unprocessable(`${what}: the group is locked (error 423)`),
  429: (what) => tooManyRequests(`WhatsApp finds that these are too many requests (${what}, error 429)`, 60),
  436: (what) => unprocessable(`${what}: WhatsApp lets nobody else into the group for now (error 436)`),
};

const refused = (what: string, code: number, why: string) =>
  new RuntimeError('FORBIDDEN', `WhatsApp refused ${what}: ${why} (error ${code})`);

/** Asks in WhatsApp's namespace of groups, and waits for its word: what it does not answer in time has not been done for sure. */
export class GroupServer implements GroupQueries {
  readonly #requests: Requests;
  readonly #now: () => number;
  #pausedUntil = 0;

  constructor(requests: Requests, now: () => number) {
    this.#requests = requests;
    this.#now = now;
  }

  /** `what` completes "WhatsApp refused …". `to` is a group, or all of them. Gives the answer's child of that tag. */
  async ask(what: string, to: string, type: 'get' | 'set', content: BinaryNode): Promise<BinaryNode> {
    try {
      const attrs = { xmlns: 'w:g2', type, to };
      return await this.#requests.call(what, (sock) => askServer(sock, attrs, content));
    } catch (error) {
      throw meant(error, what);
    }
  }

  askAll(what: string, type: 'get' | 'set', content: BinaryNode): Promise<BinaryNode> {
    return this.ask(what, ALL, type, content);
  }

  async one(jid: string): Promise<GroupDescription> {
    const content = { tag: 'query', attrs: { request: 'interactive' } };
    return groupIn(await this.ask('the description of the group', jid, 'get', content));
  }

  /** `<participants/>` is left out: a thousand groups of a thousand members do not fit into one stanza. */
  async all(): Promise<GroupHead[]> {
    const content = [{ tag: 'description', attrs: {} }];
    const nodes = await this.#groupsIn('the list of groups', { tag: 'participating', attrs: {}, content });
    return nodes.flatMap((group) => {
      const described = describe(group);
      return described ? [headOf(described)] : [];
    });
  }

  /** WhatsApp leaves the members of large groups out of such an answer (`truncated`): those are asked for one by one. */
  async several(jids: readonly string[]): Promise<GroupDescription[]> {
    const [only, ...others] = jids;
    if (only === undefined) return [];
    if (others.length === 0) return this.#each([only]);
    const content = jids.map((jid) => ({ tag: 'group', attrs: { jid } }));
    const nodes = await this.#groupsIn('the description of groups', { tag: 'query', attrs: {}, content });
    const found = nodes.flatMap((node) => (isWhole(node) ? (describe(node) ?? []) : []));
    const said = new Set(nodes.filter((node) => isWhole(node) || node.attrs['error']).map(({ attrs }) => idOf(attrs)));
    return [...found, ...(await this.#each(jids.filter((jid) => !said.has(jid))))];
  }

  async #each(jids: readonly string[]): Promise<GroupDescription[]> {
    const found: GroupDescription[] = [];
    for (const jid of jids) {
      try {
        found.push(await this.#paced(() => this.one(jid)));
      } catch (error) {
        // The account is not in this one any more.
        if (!isRuntimeError(error, 'NOT_FOUND') && !isRuntimeError(error, 'FORBIDDEN')) throw error;
      }
    }
    return found;
  }

  async #groupsIn(what: string, content: BinaryNode): Promise<BinaryNode[]> {
    const groups = getBinaryNodeChild(await this.#paced(() => this.askAll(what, 'get', content)), 'groups');
    if (!groups) throw unavailable(`WhatsApp gave no answer that can be read (${what})`);
    return getBinaryNodeChildren(groups, 'group');
  }

  async #paced<T>(ask: () => Promise<T>): Promise<T> {
    const wait = this.#pausedUntil - this.#now();
    if (wait > 0) throw tooManyRequests('WhatsApp was asked for groups too often', Math.ceil(wait / 1000));
    try {
      return await ask();
    } catch (error) {
      if (isRuntimeError(error, 'TOO_MANY_REQUESTS')) this.#pausedUntil = this.#now() + PAUSE_MS;
      throw error;
    }
  }
}

const isWhole = ({ attrs }: BinaryNode): boolean => attrs['truncated'] !== 'true' && attrs['error'] === undefined;

const idOf = ({ id = '' }: BinaryNode['attrs']): string => (id.includes('@') ? id : `${id}@g.us`);

/** The group that an answer describes. */
export const groupIn = (answer: BinaryNode): GroupDescription => {
  const group = getBinaryNodeChild(answer, 'group');
  const described = group && describe(group);
  if (!described) throw unavailable('WhatsApp gave no description of the group');
  return described;
};

/** A refusal in our words. */
export const meant = (error: unknown, what: string): unknown => {
  if (!isRuntimeError(error, 'WHATSAPP_REFUSED')) return error;
  const code = Number(error.details.body?.['code'] ?? 0);
  return meanings[code]?.(what) ?? error;
};
