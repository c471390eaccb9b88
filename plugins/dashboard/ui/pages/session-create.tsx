import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { post } from '../api/client.ts';
import type { Session } from '../api/shapes.ts';
import { readSessions, sessionNamed } from '../live/sessions.ts';
import { Dialog } from '../parts/dialog.tsx';
import { attempt } from '../parts/toasts.tsx';

interface Wishes {
  readonly name: string;
  /** Chats and messages, on the server. */
  readonly keeps: boolean;
  readonly starts: boolean;
}

const create = async ({ name, keeps, starts }: Wishes): Promise<Session> => {
  const config = keeps ? { noweb: { store: { enabled: true } } } : {};
  const made = await post<Session>('api/sessions', { name: name.trim() || null, start: starts, config });
  await readSessions();
  return made;
};

export function CreateSession({ onClose }: { readonly onClose: () => void }) {
  const [wishes, setWishes] = useState<Wishes>({
    name: sessionNamed('default') ? '' : 'default',
    keeps: true,
    starts: true,
  });
  const [busy, setBusy] = useState(false);
  const [, go] = useLocation();
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    await attempt(async () => {
      const { name } = await create(wishes);
      onClose();
      go(`/sessions/${encodeURIComponent(name)}`);
    });
    setBusy(false);
  };
  return (
    <Dialog title="New session" onClose={onClose}>
      <form onSubmit={submit}>
        <Fields wishes={wishes} onChange={(part) => setWishes({ ...wishes, ...part })} />
        <footer>
          <button type="button" class="secondary outline" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" aria-busy={busy} disabled={busy}>
            Create
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

interface FieldsProps {
  readonly wishes: Wishes;
  readonly onChange: (part: Partial<Wishes>) => void;
}

function Fields({ wishes: { name, keeps, starts }, onChange }: FieldsProps) {
  return (
    <>
      <label>
        Name
        <input
          name="name"
          maxLength={54}
          placeholder="Leave it empty, and one is made up"
          value={name}
          onInput={({ currentTarget }) => onChange({ name: currentTarget.value })}
        />
      </label>
      <label>
        <input
          type="checkbox"
          checked={keeps}
          onChange={({ currentTarget }) => onChange({ keeps: currentTarget.checked })}
        />
        Keep chats and messages on this server (the chat view needs it)
      </label>
      <label>
        <input
          type="checkbox"
          checked={starts}
          onChange={({ currentTarget }) => onChange({ starts: currentTarget.checked })}
        />
        Start it at once
      </label>
    </>
  );
}
