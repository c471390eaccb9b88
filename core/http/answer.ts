import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import Negotiator from 'negotiator';
import { isReply, type Reply } from '../contracts/http.ts';
import { nextTurn } from '../in-turns.ts';
import { isLong, jsonPieces } from './json-pieces.ts';

const json = 'application/json; charset=utf-8';

/** Sends a short JSON value in one piece. */
export const sendJson = (
  response: ServerResponse,
  status: number,
  value: unknown,
  headers?: Readonly<Record<string, string>>,
): void => sendText(response, status, JSON.stringify(value), json, headers);

/** Sends a JSON value that may be long: others have their turns while it is made. */
const sendLongJson = async (
  response: ServerResponse,
  status: number,
  value: unknown,
  headers?: Readonly<Record<string, string>>,
): Promise<void> => {
  if (!isLong(value)) return sendJson(response, status, value, headers);
  const pieces: Buffer[] = [];
  let length = 0;
  for (const text of jsonPieces(value)) {
    if (pieces.length > 0) await nextTurn();
    if (response.destroyed) return;
    const piece = Buffer.from(text);
    length += piece.length;
    pieces.push(piece);
  }
  response.writeHead(status, { 'content-type': json, 'content-length': length, ...headers });
  for (const piece of pieces) response.write(piece);
  response.end();
};

/** Sends text that is ready. */
export const sendText = (
  response: ServerResponse,
  status: number,
  text: string,
  contentType: string,
  headers?: Readonly<Record<string, string>>,
): void => {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
};

/** Sends what a handler returned: a JSON value, a reply, or nothing at all. */
export const sendAnswer = (
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  answer: unknown,
): void | Promise<void> => {
  if (answer === undefined) return sendNothing(response, status);
  if (!isReply(answer)) return sendLongJson(response, status, answer);
  return sendReply(request, response, answer.status ?? status, answer);
};

const sendNothing = (response: ServerResponse, status: number, headers?: Readonly<Record<string, string>>): void => {
  response.writeHead(status, { 'content-length': 0, ...headers });
  response.end();
};

const prefersJson = (request: IncomingMessage, otherwise: string): boolean =>
  new Negotiator(request).mediaType([otherwise, 'application/json']) === 'application/json';

const sendReply = (
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  answer: Reply,
): void | Promise<void> => {
  const { body, contentType = 'application/octet-stream' } = answer;
  const negotiated = body !== undefined && answer.json !== undefined;
  const headers = negotiated ? { vary: 'Accept', ...answer.headers } : answer.headers;
  const wantsJson = negotiated && prefersJson(request, contentType);
  if (wantsJson || (body === undefined && answer.json !== undefined)) {
    if (body instanceof Readable) discard(body);
    return sendLongJson(response, status, answer.json, headers);
  }
  if (body === undefined) return sendNothing(response, status, headers);
  if (body instanceof Readable)
    return sendStream(request, response, status, { ...headers, 'content-type': contentType }, body);
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
};

/** A stream that breaks cuts the connection: half a file must not look like a whole one. */
const sendStream = async (
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Readable,
): Promise<void> => {
  try {
    response.writeHead(status, { ...headers });
  } catch (error) {
    discard(body);
    throw error;
  }
  if (request.method !== 'HEAD') return pipeline(body, response);
  discard(body);
  response.end();
};

/** A stream that nobody reads is closed, and what it still says is not an error of the process. */
const discard = (body: Readable): void => {
  body.on('error', () => undefined).destroy();
};
