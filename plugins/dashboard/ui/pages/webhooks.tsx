import { CirclePause, CirclePlay, Send } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { get, pathOf, post } from '../api/client.ts';
import type { Endpoint } from '../api/shapes.ts';
import { fromNow, now } from '../live/clock.ts';
import { useLoaded } from '../parts/loading.ts';
import { Empty, Page, Panel } from '../parts/panel.tsx';
import { attempt, sayDone } from '../parts/toasts.tsx';
import { Deliveries } from './deliveries.tsx';

const every = 3_000;

export function WebhooksPage() {
  const endpoints = useLoaded((signal) => get<readonly Endpoint[]>('api/webhooks/endpoints', signal), [], every);
  const [chosen, setChosen] = useState('');
  const list = endpoints.value;
  return (
    <Page title="Webhooks">
      {endpoints.error && <p class="fault">{endpoints.error.message}</p>}
      {list?.length === 0 && (
        <Empty title="No endpoints">Set `url` of the webhook plugin, or `webhooks` in a session's config.</Empty>
      )}
      <div class="endpoints">
        {list?.map((endpoint) => (
          <EndpointCard
            key={endpoint.id}
            endpoint={endpoint}
            isChosen={endpoint.id === chosen}
            onChoose={() => setChosen(endpoint.id === chosen ? '' : endpoint.id)}
            onChanged={endpoints.reload}
          />
        ))}
      </div>
      <Deliveries endpoint={chosen} />
    </Page>
  );
}

interface EndpointCardProps {
  readonly endpoint: Endpoint;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
  readonly onChanged: () => void;
}

function EndpointCard({ endpoint, isChosen, onChoose, onChanged }: EndpointCardProps) {
  const { session, url, state, reason, paused, events } = endpoint;
  return (
    <Panel
      class={`endpoint ${isChosen ? 'chosen' : ''}`}
      title={session ?? 'Every session'}
      actions={<span class={`badge state-${paused ? 'paused' : state}`}>{paused ? 'paused' : state}</span>}
    >
      <p class="endpoint-url">{url}</p>
      {reason && <p class="note">{reason}</p>}
      <Figures endpoint={endpoint} />
      <p class="muted">{events.join(', ')}</p>
      <footer>
        <button type="button" class="chip" aria-pressed={isChosen} onClick={onChoose}>
          Its deliveries
        </button>
        <EndpointActions endpoint={endpoint} onChanged={onChanged} />
      </footer>
    </Panel>
  );
}

function Figures({ endpoint }: { readonly endpoint: Endpoint }) {
  const { queued, inFlight, failures, lastSuccessAt, failingSince, signed } = endpoint;
  const at = now.value;
  return (
    <dl class="figures">
      <div>
        <dt>Waiting</dt>
        <dd>{queued}</dd>
      </div>
      <div>
        <dt>Under way</dt>
        <dd>{inFlight}</dd>
      </div>
      <div>
        <dt>Failed in a row</dt>
        <dd>{failures}</dd>
      </div>
      <div>
        <dt>{failingSince ? 'Failing since' : 'Last success'}</dt>
        <dd>{failingSince ? fromNow(failingSince, at) : lastSuccessAt ? fromNow(lastSuccessAt, at) : 'none yet'}</dd>
      </div>
      <div>
        <dt>Signed</dt>
        <dd>{signed ? 'yes' : 'no'}</dd>
      </div>
    </dl>
  );
}

interface TestAnswer {
  readonly delivered: boolean;
  readonly status: number | null;
  readonly error: string | null;
  readonly durationMs: number;
}

interface EndpointActionsProps {
  readonly endpoint: Endpoint;
  readonly onChanged: () => void;
}

function EndpointActions({ endpoint: { id, paused, state }, onChanged }: EndpointActionsProps) {
  const path = `api/webhooks/endpoints/${pathOf(id)}`;
  const run = async (command: string, done: string) => {
    await attempt(() => post(`${path}/${command}`), done);
    onChanged();
  };
  const test = () =>
    attempt(async () => {
      const { delivered, status, error, durationMs } = await post<TestAnswer>(`${path}/test`);
      if (!delivered) throw new Error(error ?? `the endpoint answered ${status}`);
      sayDone(`Taken in ${Math.round(durationMs)} ms`);
    });
  return (
    <div class="actions">
      <button type="button" class="secondary outline" onClick={test}>
        <Send size={16} aria-hidden="true" /> Test
      </button>
      {state === 'disabled' && (
        <button type="button" onClick={() => run('enable', 'Enabled')}>
          <CirclePlay size={16} aria-hidden="true" /> Enable
        </button>
      )}
      {paused ? (
        <button type="button" onClick={() => run('resume', 'It goes on')}>
          <CirclePlay size={16} aria-hidden="true" /> Go on
        </button>
      ) : (
        <button type="button" class="secondary outline" onClick={() => run('pause', 'Paused: deliveries wait')}>
          <CirclePause size={16} aria-hidden="true" /> Pause
        </button>
      )}
    </div>
  );
}
