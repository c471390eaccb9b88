import { isRuntimeError, maskSecrets, type SessionConfig, unprocessable } from 'waha-runtime';
import { type RouteAnswer, refusalOf } from 'waha-runtime/http';

/** What a tool gives back, as the protocol has it. */
export interface ToolResult {
  readonly [field: string]: unknown;
  readonly content: (
    | { readonly type: 'text'; readonly text: string }
    | { readonly type: 'image'; readonly data: string; readonly mimeType: string }
  )[];
  readonly structuredContent?: Record<string, unknown>;
  readonly isError?: boolean;
}

/** Hides secrets that a text must not hold: an agent may show all that it sees to anybody. */
export type Scrub = (text: string) => string;

const mask = '********';

/** Of an answer (signs). It is written and read several times on its way, and no agent has room for more. */
const longest = 2_000_000;

/** Hides the caller's own key, and everything that looks like one. */
export const scrubber = (presented: readonly (string | undefined)[]): Scrub => {
  const secrets = presented.filter((secret): secret is string => (secret?.length ?? 0) >= 4);
  return (text) => {
    let shown = text.replace(/\bkey_[a-zA-Z0-9]{32}\b/g, mask);
    for (const secret of secrets) {
      shown = shown.replaceAll(secret, mask).replaceAll(JSON.stringify(secret).slice(1, -1), mask);
    }
    return shown;
  };
};

/** JSON as agents get it: without the secrets of sessions' configs, and without what WhatsApp sent as it was, unless they ask for it. */
export const jsonFor = (value: unknown, hasRaw = false): string =>
  JSON.stringify(value ?? null, (name, field: unknown) => {
    if (name === '_data' && !hasRaw) return undefined;
    const isConfig = name === 'config' && typeof field === 'object' && field !== null;
    return isConfig ? maskSecrets(field as SessionConfig) : field;
  });

/** An answer as text and, where it is JSON, as a value; pictures as pictures. */
export const resultOf = (answer: RouteAnswer, scrub: Scrub, hasRaw = false): ToolResult => {
  if ('bytes' in answer) return fileResult(answer.bytes, answer.contentType, scrub);
  const { json } = answer;
  if (isPicture(json)) return pictureResult(json.data, json.mimetype);
  const plain = jsonFor(json, hasRaw);
  if (plain.length > longest) {
    const size = `${Math.ceil(plain.length / 1_000_000)} MB`;
    throw unprocessable(`the answer has ${size}, and agents get 2 MB at most; ask for less, by limit and offset`);
  }
  const text = scrub(plain);
  const value: unknown = JSON.parse(text);
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const structuredContent = (isObject ? value : { result: value }) as Record<string, unknown>;
  return { content: [{ type: 'text', text }], structuredContent };
};

/** A refusal in the API's words. */
export const failureOf = (error: unknown, scrub: Scrub): ToolResult => {
  const { status, body } = refusalOf(error);
  const [told] = [body['message']].flat();
  const all = [body['message']].flat().join('; ');
  const text = scrub(isRuntimeError(error) || told ? `${status}: ${all || String(body['error'])}` : `${status}`);
  return { content: [{ type: 'text', text }], isError: true };
};

const fileResult = (bytes: Uint8Array, contentType: string, scrub: Scrub): ToolResult => {
  const mimeType = contentType.split(';', 1)[0] ?? contentType;
  if (mimeType.startsWith('image/')) return pictureResult(Buffer.from(bytes).toString('base64'), mimeType);
  if (mimeType.startsWith('text/')) {
    return { content: [{ type: 'text', text: scrub(Buffer.from(bytes).toString('utf8')) }] };
  }
  return { content: [{ type: 'text', text: `${bytes.length} bytes of ${mimeType}` }] };
};

const pictureResult = (data: string, mimeType: string): ToolResult => ({
  content: [
    { type: 'image', data, mimeType },
    { type: 'text', text: `A picture (${mimeType}).` },
  ],
});

const isPicture = (value: unknown): value is { readonly mimetype: string; readonly data: string } => {
  const { mimetype, data } = (value ?? {}) as { readonly mimetype?: unknown; readonly data?: unknown };
  return typeof mimetype === 'string' && mimetype.startsWith('image/') && typeof data === 'string';
};
