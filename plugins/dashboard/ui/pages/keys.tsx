import { KeyRound, Trash2 } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { get, pathOf, post, put, remove } from '../api/client.ts';
import type { ApiKey } from '../api/shapes.ts';
import { sessionNames } from '../live/sessions.ts';
import { Confirm } from '../parts/dialog.tsx';
import { CopyButton } from '../parts/json.tsx';
import { useLoaded } from '../parts/loading.ts';
import { Empty, Page, Panel } from '../parts/panel.tsx';
import { attempt } from '../parts/toasts.tsx';
import { Choice } from './events.tsx';

export function KeysPage() {
  const { value, error, reload } = useLoaded((signal) => get<readonly ApiKey[]>('api/keys', signal), []);
  const [made, setMade] = useState<ApiKey | null>(null);
  return (
    <Page title="Keys">
      <NewKey
        onMade={(key) => {
          setMade(key);
          reload();
        }}
      />
      {made?.key && <Fresh text={made.key} />}
      <Panel title="Keys that open the API">
        {error && <p class="fault">{error.message}</p>}
        {value?.length === 0 && <Empty title="No keys yet" />}
        <ul class="plain">
          {value?.map((key) => (
            <KeyRow key={key.id} apiKey={key} onChanged={reload} />
          ))}
        </ul>
      </Panel>
    </Page>
  );
}

/** A new key is shown once, so that it can be copied. */
function Fresh({ text }: { readonly text: string }) {
  return (
    <p class="note" role="status">
      The new key: <code>{text}</code> <CopyButton text={() => text} label="Copy the key" />
    </p>
  );
}

function NewKey({ onMade }: { readonly onMade: (key: ApiKey) => void }) {
  const [isAdmin, setAdmin] = useState(false);
  const [session, setSession] = useState('');
  const make = async (event: Event) => {
    event.preventDefault();
    await attempt(async () => {
      onMade(await post<ApiKey>('api/keys', { isAdmin, session: isAdmin ? null : session || null, isActive: true }));
    }, 'The key is made');
  };
  return (
    <Panel title="New key">
      <form class="inline-form" onSubmit={make}>
        <label>
          <input type="checkbox" checked={isAdmin} onChange={({ currentTarget }) => setAdmin(currentTarget.checked)} />
          May do everything
        </label>
        {!isAdmin && (
          <Choice
            label="Session of the key"
            all="Choose a session"
            names={sessionNames.value}
            value={session}
            onChange={setSession}
          />
        )}
        <button type="submit" disabled={!isAdmin && !session}>
          <KeyRound size={16} aria-hidden="true" /> Make it
        </button>
      </form>
    </Panel>
  );
}

interface KeyRowProps {
  readonly apiKey: ApiKey;
  readonly onChanged: () => void;
}

function KeyRow({ apiKey, onChanged }: KeyRowProps) {
  const { id, isActive, isAdmin, session, actions = null } = apiKey;
  const [asking, setAsking] = useState(false);
  const path = `api/keys/${pathOf(id)}`;
  const toggle = async () => {
    await attempt(() => put(path, { isAdmin, session: session ?? null, isActive: !isActive, actions }));
    onChanged();
  };
  const removeIt = async () => {
    await attempt(() => remove(path), 'The key is gone');
    onChanged();
  };
  return (
    <li class="person">
      <div>
        <strong>{isAdmin ? 'Everything' : (session ?? 'Limited')}</strong> <code class="muted">{id}</code>
      </div>
      <div class="actions">
        <label>
          <input type="checkbox" role="switch" aria-checked={isActive} checked={isActive} onChange={toggle} /> Active
        </label>
        <button
          type="button"
          class="danger outline"
          aria-label={`Delete the key ${id}`}
          onClick={() => setAsking(true)}
        >
          <Trash2 size={16} aria-hidden="true" />
        </button>
      </div>
      {asking && (
        <Confirm title="Delete this key?" action="Delete" onConfirm={removeIt} onClose={() => setAsking(false)}>
          Whoever uses it is refused from then on.
        </Confirm>
      )}
    </li>
  );
}
