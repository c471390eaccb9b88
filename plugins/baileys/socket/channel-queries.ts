import { getBinaryNodeChild } from '@whiskeysockets/baileys';
import { notFound, type Static, Type, whatsAppRefused } from 'waha-runtime';
import { askServer } from './server-queries.ts';
import type { BaileysSocket } from './socket.ts';

/** WhatsApp Web's ids of its queries about channels, of August 2026. Most of Baileys' own are older, or not there. */
const today = {
  create: '25149874324715067',
  metadata: '27456920720571478',
  follow: '24404358912487870',
  unfollow: '9767147403369991',
  setting: '31938993655691868',
  delete: '30062808666639665',
  followed: '25399611239711790',
  byView: '26125047313831973',
  byText: '26301059626252132',
} as const;
export type ChannelQuery = keyof typeof today;

/** WhatsApp changes them now and then: the YAML wins. */
export const ChannelQueries = Type.Object(
  Object.fromEntries(
    Object.entries(today).map(([name, id]) => [name, Type.String({ pattern: '^[0-9]{5,25}$', default: id })]),
  ) as Record<ChannelQuery, ReturnType<typeof Type.String>>,
  { default: {}, description: 'WhatsApp’s ids of the queries about channels, for when it changes them' },
);
export type ChannelQueries = Static<typeof ChannelQueries>;

const GONE = [404, 410];

interface GraphAnswer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message?: string; readonly extensions?: { readonly error_code?: number } }[];
}

/**
 * Asks by a stored GraphQL query, and gives what stands under `path` of its answer. Rejects with `NOT_FOUND` or
 * `WHATSAPP_REFUSED` for its errors, and with `UNAVAILABLE` without an answer.
 */
export const askGraph = async (
  sock: BaileysSocket,
  query: { readonly id: string; readonly path: string; readonly what: string },
  variables: object,
): Promise<unknown> => {
  const content = { tag: 'query', attrs: { query_id: query.id }, content: Buffer.from(JSON.stringify({ variables })) };
  const answer = await askServer(sock, { xmlns: 'w:mex', type: 'get' }, content);
  const bytes = getBinaryNodeChild(answer, 'result')?.content;
  const { data, errors } = read(bytes instanceof Uint8Array ? Buffer.from(bytes).toString() : String(bytes ?? ''));
  const [error] = errors ?? [];
  const code = error?.extensions?.error_code;
  if (code !== undefined && GONE.includes(code)) throw notFound('there is no such channel');
  if (error) throw whatsAppRefused(query.what, code);
  if (!data || !(query.path in data)) throw whatsAppRefused(`${query.what}: its answer says nothing of ${query.path}`);
  return data[query.path];
};

const read = (json: string): GraphAnswer => {
  try {
    return (JSON.parse(json) ?? {}) as GraphAnswer;
  } catch {
    return {};
  }
};
