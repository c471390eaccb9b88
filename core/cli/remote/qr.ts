import type { SessionInfo, SessionStatus } from '../../contracts/session.ts';
import { type Server, ServerError } from './server.ts';

export interface QrOptions {
  readonly server: Server;
  readonly name: string;
  /** Asks for a code to type into the phone instead. */
  readonly phone?: string;
  /** ms between two looks. */
  readonly interval?: number;
  readonly write?: (text: string) => void;
}

type Standing = Pick<SessionInfo, 'status' | 'me' | 'reason' | 'note' | 'attempt' | 'nextRetryAt'>;

/** What a session says that waits for a person elsewhere. */
const notes: Partial<Record<SessionStatus, string>> = {
  STARTING: 'connecting to WhatsApp …',
  PASSKEY_REQUIRED: 'WhatsApp asks for the passkey of the account: open /passkey/ of the server in a browser',
  PASSKEY_CONFIRMATION_REQUIRED: 'compare the code on the phone with the one at /passkey/ of the server',
};

/**
 * `waha qr`: makes or starts the session where it is needed, draws its code, follows the changes, and ends when it is linked. Exit
 * code 1 when the session fails.
 */
export const showQr = async (options: QrOptions): Promise<number> => {
  const { server, name, interval = 1000, write = (text) => void process.stdout.write(`${text}\n`) } = options;
  await begin(server, name);
  let [code, shown]: [string | null, string] = [null, ''];
  for (;;) {
    const session = await server.get<Standing>(pathOf(name));
    if (session.status === 'WORKING') {
      write(`'${name}' is linked${session.me ? ` to +${session.me.id.split('@', 1)[0]}` : ''}`);
      return 0;
    }
    if (session.status === 'FAILED' || session.status === 'STOPPED') {
      const why = [session.reason, session.note].filter(Boolean).join(': ');
      console.error(`'${name}' is ${session.status}${why ? ` (${why})` : ''}`);
      return 1;
    }
    const awaited = noteOf(session);
    code = awaited === null ? await codeOf(session, options, code) : null;
    // What is said with a code: to scan once more, or why a linking by passkey failed.
    const text = awaited ?? (code && [code, session.note].filter(Boolean).join('\n'));
    if (text !== null && text !== shown) write(awaited ?? (await drawn(code ?? '', options, session.note)));
    shown = text ?? shown;
    await new Promise((resolve) => setTimeout(resolve, interval));
  }
};

const pathOf = (name: string): string => `/api/sessions/${encodeURIComponent(name)}`;

/** The session is there, and meant to run. */
const begin = async (server: Server, name: string): Promise<void> => {
  try {
    const { status } = await server.get<Standing>(pathOf(name));
    if (status === 'STOPPED' || status === 'FAILED') await server.post(`${pathOf(name)}/start`);
  } catch (error) {
    if (!(error instanceof ServerError) || error.status !== 404) throw error;
    await server.post('/api/sessions', { name });
  }
};

/** What is awaited, or why there is no connection and when the next attempt is made. Null while a code is to be seen. */
const noteOf = ({ status, reason, note, attempt, nextRetryAt }: Standing): string | null => {
  if (status !== 'STARTING' || reason === undefined || nextRetryAt === undefined) return notes[status] ?? null;
  const next = new Date(nextRetryAt).toLocaleTimeString();
  return `not connected to WhatsApp: ${[reason, note].filter(Boolean).join(': ')} (attempt ${attempt}, next try at ${next})`;
};

/** The code to be seen now. Null while there is none. */
const codeOf = async ({ status }: Standing, options: QrOptions, shown: string | null): Promise<string | null> => {
  if (status !== 'SCAN_QR_CODE') return null;
  const { server, name, phone } = options;
  try {
    if (phone === undefined) return (await server.get<{ value: string }>(`/api/${name}/auth/qr?format=raw`)).value;
    // Asked again, the server hands out the live one.
    return (await server.post<{ code: string }>(`/api/${name}/auth/request-code`, { phoneNumber: phone })).code;
  } catch (error) {
    // It was scanned, or it ran out, in between.
    if (error instanceof ServerError && (error.status === 422 || error.status === 429)) return shown;
    throw error;
  }
};

const drawn = async (text: string, { name, phone }: QrOptions, note?: string): Promise<string> => {
  const hint = note ? `\n${note}` : '';
  if (phone !== undefined) return `type ${text} into the phone: Linked devices, Link with phone number${hint}`;
  const { default: qrcode } = await import('qrcode');
  const clear = process.stdout.isTTY ? '\u001b[2J\u001b[H' : '';
  const picture = await qrcode.toString(text, { type: 'terminal', small: true });
  return `${clear}${picture}\n'${name}': scan it with the phone, under Linked devices${hint}`;
};
