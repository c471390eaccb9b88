import { Trash2 } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { get, pathOf, put, remove, withQuery } from '../api/client.ts';
import type { App } from '../api/shapes.ts';
import { sessionNames } from '../live/sessions.ts';
import { Confirm } from '../parts/dialog.tsx';
import { Json } from '../parts/json.tsx';
import { useLoaded } from '../parts/loading.ts';
import { Empty, Page, Panel } from '../parts/panel.tsx';
import { attempt } from '../parts/toasts.tsx';
import { Choice } from './events.tsx';

/** Integrations of a session. */
export function AppsPage() {
  const [chosen, setChosen] = useState('');
  const session = chosen || (sessionNames.value[0] ?? '');
  return (
    <Page
      title="Apps"
      actions={
        <Choice
          label="Session"
          all="Choose a session"
          names={sessionNames.value}
          value={session}
          onChange={setChosen}
        />
      }
    >
      {session && <Apps key={session} session={session} />}
    </Page>
  );
}

function Apps({ session }: { readonly session: string }) {
  const { value, error, reload } = useLoaded(
    (signal) => get<readonly App[]>(withQuery('api/apps', { session }), signal),
    [session],
  );
  return (
    <>
      {error && <p class="fault">{error.message}</p>}
      {value?.length === 0 && <Empty title="This session has no apps">Add one with POST /api/apps.</Empty>}
      <div class="grid-panels">
        {value?.map((app) => (
          <AppPanel key={app.id} app={app} onChanged={reload} />
        ))}
      </div>
    </>
  );
}

function AppPanel({ app, onChanged }: { readonly app: App; readonly onChanged: () => void }) {
  const [asking, setAsking] = useState(false);
  const path = `api/apps/${pathOf(app.id)}`;
  const enabled = app.enabled !== false;
  const toggle = async () => {
    await attempt(() => put(path, { ...app, enabled: !enabled }));
    onChanged();
  };
  const removeIt = async () => {
    await attempt(() => remove(path), 'The app is gone');
    onChanged();
  };
  return (
    <Panel
      title={app.app}
      actions={
        <>
          <label>
            <input type="checkbox" role="switch" aria-checked={enabled} checked={enabled} onChange={toggle} /> On
          </label>
          <button type="button" class="danger outline" aria-label={`Delete ${app.app}`} onClick={() => setAsking(true)}>
            <Trash2 size={16} aria-hidden="true" />
          </button>
        </>
      }
    >
      <Json value={app.config} label={`Config of ${app.app}`} />
      {asking && (
        <Confirm title={`Delete ${app.app}?`} action="Delete" onConfirm={removeIt} onClose={() => setAsking(false)}>
          It is taken out of the session.
        </Confirm>
      )}
    </Panel>
  );
}
