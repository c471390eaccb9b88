import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren } from '@whiskeysockets/baileys';
import { isRuntimeError, notFound, RuntimeError, tooManyRequests, unavailable, unprocessable } from 'waha-runtime';
import type { Requests } from '../../socket/requests.ts';
import { askServer } from '../../socket/server-queries.ts';
import { describe, type GroupDescription } from './description.ts';
import type { GroupQueries } from './groups.ts';

/** Where questions go that concern no single group. */
const ALL = '@g.us';
/** How long nobody asks for all groups after WhatsApp found it too much. */
const PAUSE_MS = 60_000;

/** What WhatsApp's codes mean here; of a whole query, not of one participant. */
const meanings: Record<number, (what: string) => RuntimeError> = {
  400: (what) => unprocessable(`WhatsApp refused ${what} as invalid (error 400)`),
  401: (what) => refused(what, 401, 'only admins of the group may do that'),
  403: (what) => refused(what, 403, 'the account is not in the group, or only admins may do that'),
  404: () => notFound('WhatsApp knows no such group'),
  405: (what) => refused(what, 405, 'the account was removed from the group'),
  406: (what) => unprocessable(`WhatsApp does not accept ${what} (error 406)`),
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

  async all(): Promise<GroupDescription[]> {
    const wait = this.#pausedUntil - this.#now();
    if (wait > 0) throw tooManyRequests('WhatsApp was asked for all groups too often', Math.ceil(wait / 1000));
    const children = ['participants', 'description'].map((tag) => ({ tag, attrs: {} }));
    try {
      const answer = await this.askAll('the list of groups', 'get', {
        ...{ tag: 'participating', attrs: {} },
        content: children,
      });
      const groups = getBinaryNodeChild(answer, 'groups');
      if (!groups) throw unavailable('WhatsApp gave no list of groups');
      return getBinaryNodeChildren(groups, 'group').flatMap((group) => describe(group) ?? []);
    } catch (error) {
      if (isRuntimeError(error, 'TOO_MANY_REQUESTS')) this.#pausedUntil = this.#now() + PAUSE_MS;
      throw error;
    }
  }
}

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
