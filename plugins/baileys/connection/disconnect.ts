import { DEFAULT_CONNECTION_CONFIG } from '@whiskeysockets/baileys';
import { isRuntimeError, sentence } from 'waha-runtime';
import type { CloseReason } from 'waha-runtime/engine';
import type { BaileysSocket } from '../socket/socket.ts';
import { ProxyFault } from './proxy-fault.ts';

/** The server, or whatever stands before it, answers the websocket with a status of HTTP. */
export const onUpgradeRefused = (sock: BaileysSocket, end: (verdict: Verdict) => void): void => {
  sock.ws.on('unexpected-response', (_request: unknown, { statusCode: code = 0 }: { statusCode?: number }) =>
    end({ reason: 'unavailable', code, message: `the server answered the websocket with HTTP ${code}` }),
  );
};

/** Why a connection ended, as it is signalled. */
export interface Verdict {
  readonly reason: CloseReason;
  readonly code?: number;
  readonly message?: string;
  /** How long WhatsApp means it to last (ms). */
  readonly lasts?: number;
}

/**
 * WhatsApp's codes, and those that Baileys makes, as far as they mean one thing only (docs/protocol.md, "How sessions end").
 * WhatsApp has two for a client that it does not take: 405 for one that is too old, 409 for one that says a wrong version.
 */
const byCode: Readonly<Record<number, CloseReason>> = {
  400: 'engine_error',
  401: 'logged_out',
  402: 'banned',
  403: 'locked',
  405: 'client_outdated',
  406: 'banned',
  409: 'client_outdated',
  411: 'multidevice_mismatch',
  428: 'network',
  440: 'replaced',
  503: 'unavailable',
  515: 'restart_required',
  516: 'logged_out',
};

/** Errors of the runtime under the connection: its stores. */
const byErrorCode: Readonly<Record<string, CloseReason>> = {
  STORAGE_FAILED: 'storage',
  UNAVAILABLE: 'storage',
  CORRUPT_AUTH: 'corrupt_auth',
  AUTH_REVOKED: 'closed',
};

const BANNED_FOR_A_TIME = 402;

interface BoomLike extends Error {
  readonly output?: { readonly statusCode?: number };
  readonly data?: unknown;
}

/** What Baileys' last error, or anything else that ended a connection, means. */
export const verdictOf = (error: unknown): Verdict => {
  if (error === undefined) return { reason: 'network', message: 'the connection was closed' };
  const message = sentence(error);
  if (error instanceof ProxyFault) return { reason: 'proxy', message };
  if (isRuntimeError(error)) return { reason: byErrorCode[error.code] ?? 'engine_error', message };
  if (!(error instanceof Error)) return { reason: 'engine_error', message };
  const code = (error as BoomLike).output?.statusCode;
  if (code === undefined) return { reason: 'engine_error', message };
  const { data } = error as BoomLike;
  return { reason: reasonOf(code, message, data), code, message, ...lastsOf(code, data) };
};

/** A ban for a time says how many seconds it lasts. */
const lastsOf = (code: number, data: unknown): Pick<Verdict, 'lasts'> => {
  const seconds = Number((data as { expire?: string } | null | undefined)?.expire);
  return code === BANNED_FOR_A_TIME && Number.isSafeInteger(seconds) && seconds > 0 ? { lasts: seconds * 1000 } : {};
};

const reasonOf = (code: number, message: string, data: unknown): CloseReason => {
  if (isDeviceRemoved(data)) return 'device_removed';
  // The websocket's own failure has HTTP's numbers, not WhatsApp's: a 403 of the upgrade is no ban.
  if (message.startsWith('WebSocket Error')) return data instanceof ProxyFault ? 'proxy' : 'network';
  if (code === 408) return message === 'QR refs attempts ended' ? 'qr_refs_ended' : 'network';
  // WhatsApp missed an ack of ours and ends the stream. It has no code of its own, so Baileys gives it 500.
  if (message === 'Stream Errored (ack)') return 'network';
  if (code === 500) return /^(Stream Errored|Connection Failure)/.test(message) ? 'bad_session' : 'engine_error';
  return byCode[code] ?? (code > 500 ? 'unavailable' : 'engine_error');
};

/** `<conflict type="device_removed"/>`, with code 401 or without one (Baileys then says 440). */
const isDeviceRemoved = (data: unknown): boolean => {
  const attrs = (data as { attrs?: Record<string, string> } | null | undefined)?.attrs;
  return attrs?.['type'] === 'device_removed';
};

/** A server that cannot be reached, by its name: whoever reads the log wants to know which one was not found, or did not answer. */
export const withHost = (verdict: Verdict, url: string | undefined): Verdict => {
  if (verdict.reason !== 'network' && verdict.reason !== 'unavailable') return verdict;
  const { host } = new URL(url ?? DEFAULT_CONNECTION_CONFIG.waWebSocketUrl);
  const message = verdict.message?.replace(/^WebSocket Error \((.*)\)$/s, '$1') ?? '';
  return { ...verdict, message: message.includes(host) ? message : `${host}: ${message}` };
};
