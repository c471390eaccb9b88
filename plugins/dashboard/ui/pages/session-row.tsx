import { Link } from 'wouter-preact';
import type { Session } from '../api/shapes.ts';
import { fromNow, fullTime, now } from '../live/clock.ts';
import { numberOf } from '../parts/numbers.ts';
import { OutlookLine, StatusBadge } from '../parts/status.tsx';
import { QuickActions } from './session-actions.tsx';

/** A session in the list: who, how, why, and what can be done. */
export function SessionRow({ session }: { readonly session: Session }) {
  const { name, status, me, timestamps } = session;
  const activity = timestamps?.activity;
  return (
    <div class="session-row">
      <Link href={`/sessions/${encodeURIComponent(name)}`} class="session-name">
        <strong>{name}</strong>
        <span class="muted">{me ? `${me.pushName ?? ''} ${numberOf(me.id)}`.trim() : 'not linked'}</span>
      </Link>
      <StatusBadge status={status} />
      <span class="session-why">
        <OutlookLine {...session} />
        {!session.reason && activity && (
          <span class="muted" title={fullTime(activity)}>
            active {fromNow(activity, now.value)}
          </span>
        )}
      </span>
      <QuickActions session={session} />
    </div>
  );
}
