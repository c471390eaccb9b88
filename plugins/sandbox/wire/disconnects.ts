import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Connection } from './connection.ts';
import type { Disconnect } from './faults.ts';
import { node } from './nodes.ts';

/** The last words for a code, as the real server says them (table in docs/protocol.md, "How sessions end"). */
const LAST_WORDS: Record<Exclude<Disconnect, 'close' | 'reset'>, BinaryNode> = {
  end: node('xmlstreamend'),
  401: node('stream:error', { code: 401 }, [node('conflict', { type: 'device_removed' })]),
  402: node('failure', { reason: 402 }),
  403: node('failure', { reason: 403 }),
  405: node('failure', { reason: 405 }),
  406: node('failure', { reason: 406 }),
  409: node('failure', { reason: 409 }),
  413: node('failure', { reason: 413 }),
  414: node('failure', { reason: 414 }),
  415: node('failure', { reason: 415 }),
  418: node('failure', { reason: 418 }),
  501: node('failure', { reason: 501 }),
  411: node('ib', {}, [node('downgrade_webclient')]),
  440: node('stream:error', {}, [node('conflict', { type: 'replaced' })]),
  500: node('stream:error', { code: 500 }),
  503: node('stream:error', { code: 503 }),
  515: node('stream:error', { code: 515 }),
  516: node('stream:error', { code: 516 }),
  ack: node('stream:error', {}, [node('ack', { class: 'message', type: 'media' })]),
};

/** Ends a connection the given way. With `hold` the last words are said and the socket stays open: the client must end it. */
export function disconnect(connection: Connection, how: Disconnect, hold = false): void {
  if (how === 'reset') connection.reset();
  else if (how === 'close') connection.end();
  else if (hold) connection.lastWords(LAST_WORDS[how]);
  else connection.end(LAST_WORDS[how]);
}

/** `<failure reason location/>`: the answer to a login that is refused. A ban for a time (402) says when it ends, in seconds. */
export const loginFailure = (reason: number, expire?: number): BinaryNode =>
  node('failure', { reason, expire, location: 'sandbox' });
