import { randomBytes } from 'node:crypto';
import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Directory } from '../directory.ts';
import { childOf, node, result } from '../wire/nodes.ts';
import type { Client } from '../world/people.ts';
import type { World } from '../world/world.ts';

type Handler = (world: World, connection: Client, stanza: BinaryNode, directory: Directory) => void;

/** Privacy settings of every account. */
const PRIVACY = {
  readreceipts: 'all',
  last: 'all',
  profile: 'all',
  status: 'all',
  online: 'all',
  groupadd: 'all',
  calladd: 'all',
  messages: 'all',
};

const categories = Object.entries(PRIVACY).map(([name, value]) => node('category', { name, value }));

const always =
  (content: () => BinaryNode[]): Handler =>
  (_world, connection, stanza) =>
    void connection.send(result(stanza, content()));

/** Baileys' `QueryIds.REACHOUT_TIMELOCK`. */
const RESTRICTION_QUERY = '23983697327930364';

/** Queries whose answer depends on nothing (SANDBOX.md section 5). */
export const queries: Record<string, Handler> = {
  abt: always(() => [node('props', { protocol: 1, hash: 'sandbox', refresh: 86_400 }, [])]),
  privacy: (_world, connection, stanza) => {
    const asked = stanza.attrs['type'] === 'get' && childOf(stanza, 'privacy');
    connection.send(result(stanza, asked ? [node('privacy', {}, categories)] : []));
  },
  'w:m': (world, connection, stanza) => {
    const attrs = { auth: randomBytes(12).toString('base64url'), ttl: 300, auth_ttl: 21_600, max_buckets: 12 };
    const host = node('host', { hostname: world.media.host });
    connection.send(result(stanza, [node('media_conn', attrs, [host])]));
  },
  'w:mex': (_world, connection, stanza, directory) => {
    const asksForRestriction = childOf(stanza, 'query')?.attrs['query_id'] === RESTRICTION_QUERY;
    if (!asksForRestriction || !connection.number) return void connection.send(result(stanza));
    const { restriction } = directory.phone(connection.number);
    const json = JSON.stringify({ data: { xwa2_fetch_account_reachout_timelock: restriction } });
    connection.send(result(stanza, [node('result', {}, Buffer.from(json))]));
  },
  'w:biz': always(() => [node('business_profile', { v: 244 }, [])]),
};
