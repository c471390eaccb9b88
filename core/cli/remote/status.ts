import type { SessionInfo } from '../../contracts/session.ts';
import { aligned } from '../aligned.ts';
import type { Server } from './server.ts';

export interface StatusOptions {
  readonly server: Server;
  readonly json?: boolean;
}

/** `waha status`: every session in a line, with why it does not work. Exit code 1 when one has failed. */
export const showStatus = async ({ server, json = false }: StatusOptions): Promise<number> => {
  const sessions = await server.get<SessionInfo[]>('/api/sessions?all=true');
  if (json) console.log(JSON.stringify(sessions, null, 2));
  else if (sessions.length === 0) console.log('no session yet; `waha qr NAME` makes one and shows its code');
  else for (const line of aligned(sessions.map((session) => rowOf(session, Date.now())))) console.log(line);
  return sessions.some(({ status }) => status === 'FAILED') ? 1 : 0;
};

const rowOf = ({ name, status, me, ...session }: SessionInfo, now: number): string[] => [
  name,
  status,
  me ? `+${me.id.split('@', 1)[0]}` : '-',
  [me?.pushName, reasonOf(session, now)].filter(Boolean).join('  '),
];

const reasonOf = ({ reason, attempt, nextRetryAt, note }: Partial<SessionInfo>, now: number): string => {
  if (reason === undefined) return '';
  const next =
    nextRetryAt === undefined ? '' : `, next try in ${Math.max(0, Math.round((nextRetryAt - now) / 1000))} s`;
  return `${reason}${attempt === undefined ? '' : ` (attempt ${attempt}${next})`}${note ? `: ${note}` : ''}`;
};
