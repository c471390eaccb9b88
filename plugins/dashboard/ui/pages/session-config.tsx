import { useState } from 'preact/hooks';
import { pathOf, put } from '../api/client.ts';
import type { Session } from '../api/shapes.ts';
import { readSessions } from '../live/sessions.ts';
import { pretty } from '../parts/json.tsx';
import { Panel } from '../parts/panel.tsx';
import { attempt } from '../parts/toasts.tsx';

/** The config as JSON, to read and to change. */
export function SessionConfig({ session }: { readonly session: Session }) {
  const [text, setText] = useState(pretty(session.config));
  const { fault, save } = useSaving(session.name, text);
  return (
    <Panel title="Config">
      <form onSubmit={save}>
        <textarea
          class="code"
          aria-label="Config as JSON"
          rows={Math.min(18, Math.max(4, text.split('\n').length))}
          spellcheck={false}
          value={text}
          aria-invalid={fault ? true : undefined}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
        {fault && (
          <small class="fault" role="alert">
            {fault}
          </small>
        )}
        <footer>
          <small class="muted">
            Webhooks, metadata and ignore apply at once; proxy, client and noweb restart the session.
          </small>
          <button type="submit" disabled={text === pretty(session.config)}>
            Save
          </button>
        </footer>
      </form>
    </Panel>
  );
}

const useSaving = (name: string, text: string) => {
  const [fault, setFault] = useState<string | null>(null);
  const save = async (event: Event) => {
    event.preventDefault();
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      setFault(error instanceof Error ? error.message : 'this is not JSON');
      return;
    }
    setFault(null);
    await attempt(async () => {
      await put(`api/sessions/${pathOf(name)}`, { config: value });
      await readSessions();
    }, 'The config is saved');
  };
  return { fault, save };
};
