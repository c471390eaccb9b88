import type { HealthIndicator } from '../contracts/health.ts';
import type { ResumeProgress } from './resume.ts';
import type { ActorSessions } from './sessions.ts';

/** How the sessions are: how many in each status, how far the resume has come, and whether storage keeps some of them down. */
export const sessionsIndicator = (sessions: ActorSessions, progress: () => ResumeProgress | null): HealthIndicator => ({
  name: 'sessions',
  check: () => {
    const list = sessions.list();
    const silentPhones = list.filter(({ phoneSilence }) => phoneSilence !== undefined).length;
    const details = { resume: progress(), reconnects: sessions.reconnects(), silentPhones, ...sessions.counts() };
    const stuck = list.filter(({ reason }) => reason === 'storage');
    if (stuck.length === 0) return { status: 'up', ...details };
    const names = stuck.slice(0, 3).map(({ name }) => name);
    const more = stuck.length > names.length ? ` and ${stuck.length - names.length} more` : '';
    return { status: 'down', message: `storage fails for session ${names.join(', ')}${more}`, ...details };
  },
});
