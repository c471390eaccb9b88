import { getBinaryNodeChild } from '@whiskeysockets/baileys';
import { forbidden, notFound, whatsAppRefused } from 'waha-runtime';
import { askServer } from './server-queries.ts';
import type { BaileysSocket } from './socket.ts';

const GONE = [404, 410];

interface GraphAnswer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly { readonly message?: string; readonly extensions?: { readonly error_code?: number } }[];
}

/**
 * Asks by a stored GraphQL query, and gives what stands under `path` of its answer. Rejects with `NOT_FOUND`, `FORBIDDEN` or
 * `WHATSAPP_REFUSED` for its errors, and with `UNAVAILABLE` without an answer.
 */
export const askGraph = async (
  sock: BaileysSocket,
  query: {
    readonly id: string;
    readonly path: string;
    readonly what: string;
    readonly gone?: string;
    readonly denied?: string;
  },
  variables: object,
): Promise<unknown> => {
  const content = { tag: 'query', attrs: { query_id: query.id }, content: Buffer.from(JSON.stringify({ variables })) };
  const answer = await askServer(sock, { xmlns: 'w:mex', type: 'get' }, content);
  const bytes = getBinaryNodeChild(answer, 'result')?.content;
  const { data, errors } = read(bytes instanceof Uint8Array ? Buffer.from(bytes).toString() : String(bytes ?? ''));
  const [error] = errors ?? [];
  const code = error?.extensions?.error_code;
  if (code !== undefined && GONE.includes(code)) throw notFound(query.gone ?? 'WhatsApp knows nothing of it');
  if (code === 403 && query.denied !== undefined) throw forbidden(query.denied);
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
