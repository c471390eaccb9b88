import { LogOut, Play, RotateCw, Square, Trash2 } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { pathOf, post, remove } from '../api/client.ts';
import type { Session } from '../api/shapes.ts';
import { readSessions } from '../live/sessions.ts';
import { Confirm } from '../parts/dialog.tsx';
import { attempt } from '../parts/toasts.tsx';

type Command = 'start' | 'stop' | 'restart' | 'logout';

const done: Readonly<Record<Command, string>> = {
  start: 'is starting',
  stop: 'is stopped',
  restart: 'is restarting',
  logout: 'is logged out',
};

const send = (name: string, command: Command): Promise<boolean> =>
  attempt(async () => {
    await post(`api/sessions/${pathOf(name)}/${command}`);
    await readSessions();
  }, `${name} ${done[command]}`);

/** Start or stop, whichever fits, without leaving the list. */
export function QuickActions({ session: { name, status } }: { readonly session: Session }) {
  const [busy, setBusy] = useState(false);
  const command: Command = status === 'STOPPED' || status === 'FAILED' ? 'start' : 'stop';
  const Icon = command === 'start' ? Play : Square;
  const run = async () => {
    setBusy(true);
    await send(name, command);
    setBusy(false);
  };
  const word = `${command === 'start' ? 'Start' : 'Stop'} ${name}`;
  return (
    <button type="button" class="icon-button" aria-label={word} title={word} disabled={busy} onClick={run}>
      <Icon size={16} aria-hidden="true" />
    </button>
  );
}

/** Everything that can be done to a session. */
export function SessionActions({ session: { name, status, me } }: { readonly session: Session }) {
  const [asking, setAsking] = useState<'logout' | 'delete' | null>(null);
  const isDown = status === 'STOPPED' || status === 'FAILED';
  return (
    <>
      {isDown ? (
        <button type="button" onClick={() => send(name, 'start')}>
          <Play size={16} aria-hidden="true" /> Start
        </button>
      ) : (
        <button type="button" class="secondary outline" onClick={() => send(name, 'stop')}>
          <Square size={16} aria-hidden="true" /> Stop
        </button>
      )}
      <button type="button" class="secondary outline" onClick={() => send(name, 'restart')}>
        <RotateCw size={16} aria-hidden="true" /> Restart
      </button>
      <button type="button" class="secondary outline" disabled={!me} onClick={() => setAsking('logout')}>
        <LogOut size={16} aria-hidden="true" /> Log out
      </button>
      <button type="button" class="danger outline" onClick={() => setAsking('delete')}>
        <Trash2 size={16} aria-hidden="true" /> Delete
      </button>
      {asking && <Asked name={name} asking={asking} onClose={() => setAsking(null)} />}
    </>
  );
}

interface AskedProps {
  readonly name: string;
  readonly asking: 'logout' | 'delete';
  readonly onClose: () => void;
}

/** What cannot be taken back is asked once more. */
function Asked({ name, asking, onClose }: AskedProps) {
  const [, go] = useLocation();
  const deleteIt = async () => {
    if (!(await attempt(() => remove(`api/sessions/${pathOf(name)}`), `${name} is deleted`))) return;
    go('/sessions');
    await readSessions();
  };
  if (asking === 'delete') {
    return (
      <Confirm title={`Delete ${name}?`} action="Delete" onConfirm={deleteIt} onClose={onClose}>
        It is logged out, and its config, chats and messages on this server are removed.
      </Confirm>
    );
  }
  return (
    <Confirm title={`Log ${name} out?`} action="Log out" onConfirm={() => send(name, 'logout')} onClose={onClose}>
      The phone removes this device. To use the session again, somebody has to scan a new QR code.
    </Confirm>
  );
}
