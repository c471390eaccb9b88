import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { compile } from '../../../../core/index.ts';
import { BaileysNewsletters } from '../../../../plugins/baileys/client/newsletters/newsletters.ts';
import { BaileysConfig, type GraphQueries, type GraphQuery } from '../../../../plugins/baileys/config.ts';
import { AccountLimits } from '../../../../plugins/baileys/socket/account-limits.ts';
import { Requests } from '../../../../plugins/baileys/socket/requests.ts';
import type { BaileysSocket } from '../../../../plugins/baileys/socket/socket.ts';

const jid = '120363000000000001@newsletter';
const search = { categories: [], limit: 5, startCursor: '' };

/** What asks each of WhatsApp's stored queries. */
const askedBy: Readonly<Record<GraphQuery, (channels: BaileysNewsletters, limits: AccountLimits) => Promise<unknown>>> =
  {
    create: (channels) => channels.create({ name: 'News' }),
    metadata: (channels) => channels.get(jid),
    follow: (channels) => channels.follow(jid, true),
    unfollow: (channels) => channels.follow(jid, false),
    setting: (channels) => channels.mute(jid, true),
    delete: (channels) => channels.remove(jid),
    followed: (channels) => channels.list(),
    byView: (channels) => channels.search({ ...search, by: { view: 'RECOMMENDED', countries: ['US'] } }),
    byText: (channels) => channels.search({ ...search, by: { text: 'news' } }),
    timelock: (_, limits) => limits.timelock(),
    capping: (_, limits) => limits.capping(),
  };
const names = Object.keys(askedBy) as GraphQuery[];
const check = compile(BaileysConfig, { unknown: 'reject' });
const configured = (graphQueries: object): GraphQueries => {
  const checked = check({ graphQueries });
  if (!checked.ok) throw new Error(checked.violations.map(({ message }) => message).join());
  return checked.value.graphQueries;
};

/** The ids that go over the wire when a query is asked. */
const idsOf = async (queries: GraphQueries, name: GraphQuery): Promise<string[]> => {
  const asked: string[] = [];
  const query = async ({ content }: { content: { tag: string; attrs: Record<string, string> }[] }) => {
    const [inner] = content;
    if (inner?.tag === 'query') asked.push(inner.attrs['query_id'] ?? '');
    return { tag: 'iq', attrs: { type: 'result' }, content: [] };
  };
  const sock = { ev: new EventEmitter(), query, generateMessageTag: () => '1' } as unknown as BaileysSocket;
  const requests = new Requests('default', sock);
  const channels = new BaileysNewsletters({ requests, queries, media: {} as never, me: () => undefined });
  await askedBy[name](channels, new AccountLimits(sock, { requests, queries, now: () => 0 })).catch(() => undefined);
  return asked;
};

it.each(names)(
  'the stored query `%s` is asked by the id that the YAML has for it, and the others by those of today',
  async (name) => {
    const queries = configured({ [name]: '1234567890' });
    expect(await idsOf(queries, name)).toEqual(['1234567890']);
    for (const other of names.filter((one) => one !== name)) {
      expect(await idsOf(queries, other)).toEqual([configured({})[other]]);
    }
  },
);

it('has ids that are numbers, and no others', () => {
  expect(new Set(Object.keys(configured({})))).toEqual(new Set(names));
  expect(() => configured({ follow: 'x' })).toThrow('graphQueries.follow');
  expect(() => configured({ folow: '12345' })).toThrow("graphQueries.folow is unknown; did you mean 'follow'?");
});
