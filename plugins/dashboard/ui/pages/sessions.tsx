import { Plus } from 'lucide-preact';
import { useMemo, useState } from 'preact/hooks';
import { type Session, type Status, statuses } from '../api/shapes.ts';
import { sessions, statusCounts } from '../live/sessions.ts';
import { Empty, Page } from '../parts/panel.tsx';
import { statusWord } from '../parts/status.tsx';
import { VirtualList } from '../parts/virtual-list.tsx';
import { CreateSession } from './session-create.tsx';
import { SessionRow } from './session-row.tsx';

const matches = (session: Session, text: string, status: Status | null): boolean => {
  if (status && session.status !== status) return false;
  if (!text) return true;
  const words = `${session.name} ${session.me?.pushName ?? ''} ${session.me?.id ?? ''} ${session.reason ?? ''}`;
  return words.toLowerCase().includes(text.toLowerCase());
};

export function SessionsPage() {
  const [text, setText] = useState('');
  const [status, setStatus] = useState<Status | null>(null);
  const [creating, setCreating] = useState(false);
  const all = sessions.value;
  const shown = useMemo(() => all?.filter((session) => matches(session, text, status)) ?? [], [all, text, status]);
  return (
    <Page
      full
      title="Sessions"
      actions={
        <button type="button" onClick={() => setCreating(true)}>
          <Plus size={16} aria-hidden="true" /> New session
        </button>
      }
    >
      <div class="toolbar">
        <input
          type="search"
          placeholder="Find a session"
          aria-label="Find a session"
          value={text}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
        <StatusFilter status={status} onChange={setStatus} />
      </div>
      <List all={all} shown={shown} onCreate={() => setCreating(true)} />
      {creating && <CreateSession onClose={() => setCreating(false)} />}
    </Page>
  );
}

interface ListProps {
  readonly all: readonly Session[] | null;
  readonly shown: readonly Session[];
  readonly onCreate: () => void;
}

function List({ all, shown, onCreate }: ListProps) {
  if (!all) return <p aria-busy="true">Reading the sessions</p>;
  if (all.length === 0) {
    return (
      <div class="empty">
        <p class="empty-title">No sessions yet</p>
        <p>A session is one WhatsApp account. Create one, and scan its QR code with your phone.</p>
        <button type="button" onClick={onCreate}>
          Create the first session
        </button>
      </div>
    );
  }
  if (shown.length === 0) return <Empty title="No session is like this" />;
  return (
    <VirtualList
      class="card-list sessions"
      label="Sessions"
      items={shown}
      keyOf={({ name }) => name}
      rowHeight={64}
      render={(session) => <SessionRow session={session} />}
    />
  );
}

interface FilterProps {
  readonly status: Status | null;
  readonly onChange: (status: Status | null) => void;
}

function StatusFilter({ status, onChange }: FilterProps) {
  const counts = statusCounts.value;
  const shown = statuses.filter((name) => (counts.get(name) ?? 0) > 0 || name === status);
  return (
    <fieldset class="chips">
      <legend class="sr-only">Show sessions by status</legend>
      {shown.map((name) => (
        <button
          key={name}
          type="button"
          class="chip"
          aria-pressed={status === name}
          onClick={() => onChange(status === name ? null : name)}
        >
          {statusWord(name)} <b>{counts.get(name)}</b>
        </button>
      ))}
    </fieldset>
  );
}
