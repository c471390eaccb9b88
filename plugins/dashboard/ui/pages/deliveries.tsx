import { RotateCw } from 'lucide-preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { get, post, withQuery } from '../api/client.ts';
import { type Delivery, deliveryStatuses } from '../api/shapes.ts';
import { clockTime, fullTime, shortly } from '../live/clock.ts';
import { sessionNames } from '../live/sessions.ts';
import { Empty, Panel } from '../parts/panel.tsx';
import { attempt, sayDone, sayFailed } from '../parts/toasts.tsx';
import { VirtualList } from '../parts/virtual-list.tsx';
import { DeliveryDialog } from './delivery.tsx';
import { Choice } from './events.tsx';

interface Filter {
  readonly status: string;
  readonly session: string;
}

interface Page {
  readonly deliveries: readonly Delivery[];
  readonly next: string | null;
}

const pageSize = 100;
const refreshEvery = 3_000;

const read = (endpoint: string, filter: Filter, cursor?: string): Promise<Page> =>
  get<Page>(withQuery('api/webhooks/deliveries', { endpoint, ...filter, limit: pageSize, cursor }));

/** The newest ones, again and again while nobody went further back. */
const useDeliveries = (endpoint: string, filter: Filter) => {
  const [page, setPage] = useState<Page | null>(null);
  const isFirst = (page?.deliveries.length ?? 0) <= pageSize;
  const refresh = useCallback(
    () => read(endpoint, filter).then(setPage, sayFailed),
    [endpoint, filter.status, filter.session],
  );
  useEffect(() => setPage(null), [endpoint, filter.status, filter.session]);
  useEffect(() => {
    if (!isFirst) return;
    void refresh();
    const timer = setInterval(() => document.hidden || void refresh(), refreshEvery);
    return () => clearInterval(timer);
  }, [isFirst, refresh]);
  const more = async () => {
    if (!page?.next) return;
    const next = await read(endpoint, filter, page.next);
    setPage({ deliveries: [...page.deliveries, ...next.deliveries], next: next.next });
  };
  return { page, refresh, more: () => void more().catch(sayFailed) };
};

export function Deliveries({ endpoint }: { readonly endpoint: string }) {
  const [filter, setFilter] = useState<Filter>({ status: '', session: '' });
  const [chosen, setChosen] = useState<string | null>(null);
  const { page, refresh, more } = useDeliveries(endpoint, filter);
  const close = () => {
    setChosen(null);
    void refresh();
  };
  const controls = (
    <>
      <Filters filter={filter} onChange={setFilter} />
      <ReplayDead endpoint={endpoint} session={filter.session} onDone={refresh} />
    </>
  );
  return (
    <Panel title="Deliveries" class="deliveries" actions={controls}>
      {page?.deliveries.length === 0 && <Empty title="No deliveries are like this" />}
      {page && page.deliveries.length > 0 && (
        <VirtualList
          label="Deliveries"
          items={page.deliveries}
          keyOf={({ id }) => id}
          rowHeight={44}
          render={(delivery) => <DeliveryRow delivery={delivery} onChoose={() => setChosen(delivery.id)} />}
        />
      )}
      {page?.next && (
        <button type="button" class="secondary outline more" onClick={more}>
          Older deliveries
        </button>
      )}
      {chosen && <DeliveryDialog id={chosen} onClose={close} />}
    </Panel>
  );
}

interface FiltersProps {
  readonly filter: Filter;
  readonly onChange: (filter: Filter) => void;
}

function Filters({ filter, onChange }: FiltersProps) {
  return (
    <>
      <Choice
        label="Status"
        all="Every status"
        names={deliveryStatuses}
        value={filter.status}
        onChange={(status) => onChange({ ...filter, status })}
      />
      <Choice
        label="Session"
        all="Every session"
        names={sessionNames.value}
        value={filter.session}
        onChange={(session) => onChange({ ...filter, session })}
      />
    </>
  );
}

interface ReplayDeadProps {
  readonly endpoint: string;
  readonly session: string;
  readonly onDone: () => void;
}

/** Sends everything again that was given up. */
function ReplayDead({ endpoint, session, onDone }: ReplayDeadProps) {
  const replay = () =>
    attempt(async () => {
      const wanted = { status: ['dead'], ...(endpoint ? { endpoint } : {}), ...(session ? { session } : {}) };
      const { replayed, more } = await post<{ replayed: number; more: boolean }>(
        'api/webhooks/deliveries/replay',
        wanted,
      );
      sayDone(`${replayed} are sent again${more ? '; there are more' : ''}`);
      onDone();
    });
  return (
    <button type="button" class="secondary outline" onClick={replay}>
      <RotateCw size={16} aria-hidden="true" /> Replay the dead
    </button>
  );
}

function DeliveryRow({ delivery, onChoose }: { readonly delivery: Delivery; readonly onChoose: () => void }) {
  const { createdAt, status, event, session, attempts, lastStatus, lastError, nextAttemptAt } = delivery;
  return (
    <button type="button" class="row-button delivery-row" onClick={onChoose}>
      <time title={fullTime(createdAt)}>
        {shortly(createdAt)} <span class="muted">{clockTime(createdAt).slice(-2)}</span>
      </time>
      <span class={`badge delivery-${status}`}>{status}</span>
      <span class={`tag tag-${event.split('.')[0]}`}>{event}</span>
      <span class="event-session">{session}</span>
      <span class="event-summary">
        {attempts} {attempts === 1 ? 'attempt' : 'attempts'}
        {lastStatus !== null && `, answer ${lastStatus}`}
        {lastError && `, ${lastError}`}
        {nextAttemptAt !== null && `, next at ${clockTime(nextAttemptAt)}`}
      </span>
    </button>
  );
}
