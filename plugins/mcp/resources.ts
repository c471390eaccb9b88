import { ProtocolError, ProtocolErrorCode, ResourceNotFoundError } from '@modelcontextprotocol/server';
import { isRuntimeError, type Principal, sentence } from 'waha-runtime';
import type { RouteAnswer } from 'waha-runtime/http';
import { jsonFor, type Scrub } from './results.ts';
import type { Tool } from './tools.ts';

/** How many sessions are listed one by one. */
const maxSessions = 100;
/** How many of the last messages of a chat are read. */
const lastMessages = 50;
const mimeType = 'application/json';

/** What can be read besides by tools: the same operations, under addresses. */
interface Kind {
  readonly uriTemplate: string;
  readonly name: string;
  readonly description: string;
  /** The tool that reads it. */
  readonly tool: string;
  /** With a group for each part of the address. */
  readonly pattern: RegExp;
  input(parts: readonly string[]): Record<string, unknown>;
}

const kinds: readonly Kind[] = [
  {
    uriTemplate: 'whatsapp://sessions/{session}',
    name: 'session',
    description: 'A session: its status and its account',
    tool: 'sessions-get',
    pattern: /^whatsapp:\/\/sessions\/([^/]{1,200})$/,
    input: ([session]) => ({ session }),
  },
  {
    uriTemplate: 'whatsapp://sessions/{session}/chats',
    name: 'chats',
    description: 'The newest chats of a session, each with its last message',
    tool: 'chats-overview',
    pattern: /^whatsapp:\/\/sessions\/([^/]{1,200})\/chats$/,
    input: ([session]) => ({ session, limit: 50 }),
  },
  {
    uriTemplate: 'whatsapp://sessions/{session}/chats/{chatId}/messages',
    name: 'messages',
    description: `The last ${lastMessages} messages of a chat`,
    tool: 'chats-get-messages',
    pattern: /^whatsapp:\/\/sessions\/([^/]{1,200})\/chats\/([^/]{1,200})\/messages$/,
    input: ([session, chatId]) => ({ session, chatId, limit: lastMessages, downloadMedia: false }),
  },
];

const sessionsUri = 'whatsapp://sessions';

export interface Reader {
  readonly principal: Principal;
  readonly scrub: Scrub;
  readonly signal: AbortSignal;
  readonly headers: Parameters<Tool['call']>[3];
  tools(): ReadonlyMap<string, Tool>;
}

/** The sessions that a caller may see, with their chats. */
export const listResources = async (reader: Reader) => {
  const { json } = (await call(reader, 'sessions-list', { all: true })) as { readonly json: unknown };
  const names = (Array.isArray(json) ? json : []).slice(0, maxSessions).map(({ name }) => String(name));
  const readable = readableKinds(reader).filter(({ uriTemplate }) => !uriTemplate.includes('{chatId}'));
  return {
    resources: [
      { uri: sessionsUri, name: 'sessions', description: 'All sessions', mimeType },
      ...names.flatMap((session) =>
        readable.map(({ uriTemplate, name, description }) => ({
          uri: uriTemplate.replace('{session}', encodeURIComponent(session)),
          name: `${session}: ${name}`,
          description,
          mimeType,
        })),
      ),
    ],
  };
};

/** The forms of addresses that a caller may read. */
export const listTemplates = (reader: Reader) => ({
  resourceTemplates: readableKinds(reader).map(({ uriTemplate, name, description }) => ({
    ...{ uriTemplate, name, description, mimeType },
  })),
});

/** Reads one. Throws an error of the protocol for what is not there, or not for this caller. */
export const readResource = async (reader: Reader, uri: string) => {
  const kind = kinds.find(({ pattern }) => pattern.test(uri));
  if (!kind && uri !== sessionsUri) throw new ResourceNotFoundError(uri);
  try {
    const parts = kind?.pattern.exec(uri)?.slice(1).map(decodeURIComponent) ?? [];
    const answer = kind
      ? await call(reader, kind.tool, kind.input(parts))
      : await call(reader, 'sessions-list', { all: true });
    const text = reader.scrub(jsonFor('json' in answer ? answer.json : null));
    return { contents: [{ uri, mimeType, text }] };
  } catch (error) {
    if (isRuntimeError(error) && error.status === 404) throw new ResourceNotFoundError(uri);
    const isWrong = isRuntimeError(error) || error instanceof URIError;
    const code = isWrong ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
    const said = isWrong ? sentence(error) : 'it could not be read';
    throw new ProtocolError(code, reader.scrub(said));
  }
};

const readableKinds = ({ tools, principal }: Reader): Kind[] =>
  kinds.filter(({ tool }) => tools().get(tool)?.isFor(principal));

const call = ({ tools, principal, signal, headers }: Reader, name: string, input: object): Promise<RouteAnswer> => {
  const tool = tools().get(name);
  if (!tool) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'no loaded plugin serves this');
  return tool.call(principal, { ...input }, signal, headers);
};
