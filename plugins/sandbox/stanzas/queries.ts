import { randomBytes } from 'node:crypto';
import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Directory } from '../directory.ts';
import type { Standing } from '../people/standing.ts';
import { childOf, node, result } from '../wire/nodes.ts';
import type { Client } from '../world/people.ts';
import type { World } from '../world/world.ts';
import { onChannelQuery } from './newsletters.ts';

type Handler = (world: World, connection: Client, stanza: BinaryNode, directory: Directory) => void;

const always =
  (content: () => BinaryNode[]): Handler =>
  (_world, connection, stanza) =>
    void connection.send(result(stanza, content()));

/** WhatsApp Web's queries about what an account may do, by their ids (docs/protocol.md, "Limits"). */
const limitQueries: Readonly<Record<string, (standing: Standing) => object>> = {
  '23983697327930364': ({ timelock }) => ({ xwa2_fetch_account_reachout_timelock: timelock }),
  '24503548349331633': ({ capping }) => ({ xwa2_message_capping_info: capping }),
};

/** GraphQL answers with an error in its JSON to a query that the server does not know (docs/protocol.md, "mex"). */
function unknownQuery(stanza: BinaryNode): BinaryNode {
  const extensions = { error_code: 400, is_retryable: false, severity: 'CRITICAL' };
  const errors = [{ message: 'Bad Request: the query is unknown', extensions, path: [] }];
  return result(stanza, [node('result', {}, Buffer.from(JSON.stringify({ data: null, errors })))]);
}

/** Queries whose answer depends on nothing (docs/protocol.md, "Login"). */
export const queries: Record<string, Handler> = {
  abt: always(() => [node('props', { protocol: 1, hash: 'sandbox', refresh: 86_400 }, [])]),
  'w:m': (world, connection, stanza) => {
    const attrs = { auth: randomBytes(12).toString('base64url'), ttl: 300, auth_ttl: 21_600, max_buckets: 12 };
    const host = node('host', { hostname: world.media.host });
    connection.send(result(stanza, [node('media_conn', attrs, [host])]));
  },
  'w:mex': (world, connection, stanza, directory) => {
    if (onChannelQuery(world, connection, stanza, directory)) return;
    const answer = limitQueries[childOf(stanza, 'query')?.attrs['query_id'] ?? ''];
    if (!answer || !connection.number) return void connection.send(unknownQuery(stanza));
    const json = JSON.stringify({ data: answer(directory.phone(connection.number).standing) });
    connection.send(result(stanza, [node('result', {}, Buffer.from(json))]));
  },
  'w:biz': always(() => [node('business_profile', { v: 244 }, [])]),
};
