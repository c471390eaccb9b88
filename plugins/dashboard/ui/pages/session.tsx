import { ArrowLeft, MessageSquare } from 'lucide-preact';
import { Link } from 'wouter-preact';
import { get, pathOf } from '../api/client.ts';
import type { Session, Transition } from '../api/shapes.ts';
import { fromNow, fullTime, now } from '../live/clock.ts';
import { sessionNamed, sessions } from '../live/sessions.ts';
import { useLoaded } from '../parts/loading.ts';
import { numberOf } from '../parts/numbers.ts';
import { Empty, Page, Panel } from '../parts/panel.tsx';
import { OutlookLine, reasonWord, StatusBadge } from '../parts/status.tsx';
import { SessionActions } from './session-actions.tsx';
import { SessionConfig } from './session-config.tsx';
import { Linking } from './session-linking.tsx';

export function SessionPage({ name }: { readonly name: string }) {
  if (!sessions.value) return <p aria-busy="true">Reading the session</p>;
  const session = sessionNamed(name);
  if (!session) {
    return (
      <Page title={name}>
        <Empty title="There is no such session">
          <Link href="/sessions">All sessions</Link>
        </Empty>
      </Page>
    );
  }
  return (
    <Page title={name} actions={<SessionActions session={session} />}>
      <p class="crumbs">
        <Link href="/sessions">
          <ArrowLeft size={14} aria-hidden="true" /> All sessions
        </Link>
      </p>
      <div class="columns">
        <div>
          <Overview session={session} />
          <Linking session={session} />
        </div>
        <div>
          <Timeline session={session} />
          <SessionConfig key={JSON.stringify(session.config)} session={session} />
        </div>
      </div>
    </Page>
  );
}

function Overview({ session }: { readonly session: Session }) {
  const { status, me, note, name } = session;
  return (
    <Panel title="Now">
      <div class="now" aria-live="polite">
        <StatusBadge status={status} />
        <OutlookLine {...session} />
      </div>
      {note && <p class="note">{note}</p>}
      {me && (
        <dl class="facts">
          <dt>Account</dt>
          <dd>
            {me.pushName} <span class="muted">{numberOf(me.id)}</span>
          </dd>
        </dl>
      )}
      <Warnings session={session} />
      {status === 'WORKING' && (
        <Link class="button-link" href={`/chats/${encodeURIComponent(name)}`}>
          <MessageSquare size={16} aria-hidden="true" /> Open the chats
        </Link>
      )}
    </Panel>
  );
}

/** What WhatsApp or the phone may do soon. */
function Warnings({ session: { phoneSilence, me } }: { readonly session: Session }) {
  const at = now.value;
  const { reachoutTimelock } = me ?? {};
  return (
    <>
      {phoneSilence && (
        <p class="note">
          The phone was last heard of {fromNow(phoneSilence.lastSeenAt, at)}. WhatsApp may unlink this device{' '}
          {fromNow(phoneSilence.unlinkExpectedAt, at)}.
        </p>
      )}
      {reachoutTimelock?.isActive && (
        <p class="note">
          WhatsApp does not let this account write to new people
          {reachoutTimelock.timeEnforcementEnds
            ? ` until ${fullTime(reachoutTimelock.timeEnforcementEnds * 1000)}`
            : ' for now'}
          .
        </p>
      )}
    </>
  );
}

function Timeline({ session }: { readonly session: Session }) {
  const { name, status, reason } = session;
  const { value } = useLoaded(
    (signal) => get<readonly Transition[]>(`api/sessions/${pathOf(name)}/transitions`, signal),
    [name, status, reason, session.attempt],
  );
  return (
    <Panel title="What happened">
      <ol class="timeline">
        {value?.toReversed().map((transition, index) => (
          <li key={`${transition.timestamp} ${index}`}>
            <time dateTime={new Date(transition.timestamp).toISOString()} title={fullTime(transition.timestamp)}>
              {fromNow(transition.timestamp, now.value)}
            </time>
            <StatusBadge status={transition.status} />
            <span class="muted">
              {transition.reason && reasonWord(transition.reason)} {transition.message ?? transition.note}
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
