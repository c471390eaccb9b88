import { Eraser, Pause, Play } from 'lucide-preact';
import { useMemo, useState } from 'preact/hooks';
import type { Frame } from '../api/shapes.ts';
import { clockTime } from '../live/clock.ts';
import { clearEvents, maxEvents, paused, recentEvents } from '../live/events.ts';
import { sessionNames } from '../live/sessions.ts';
import { summaryOf } from '../parts/event-summary.ts';
import { CopyButton, Json, pretty } from '../parts/json.tsx';
import { Empty, Page } from '../parts/panel.tsx';
import { VirtualList } from '../parts/virtual-list.tsx';

interface Filter {
  readonly session: string;
  readonly event: string;
  readonly text: string;
}
const everything: Filter = { session: '', event: '', text: '' };

const passes = (frame: Frame, { session, event, text }: Filter): boolean =>
  (!session || frame.session === session) &&
  (!event || frame.event === event) &&
  (!text || JSON.stringify(frame).toLowerCase().includes(text.toLowerCase()));

const keyOf = ({ cursor }: Frame): string => String(cursor);

export function EventsPage() {
  const [filter, setFilter] = useState(everything);
  const [chosen, setChosen] = useState<Frame | null>(null);
  const all = recentEvents.value;
  const shown = useMemo(
    () => (filter === everything ? all : all.filter((frame) => passes(frame, filter))),
    [all, filter],
  );
  return (
    <Page full title="Events" actions={<Controls shown={shown} />}>
      <Filters filter={filter} onChange={setFilter} events={all} />
      <div class={`split ${chosen ? 'has-detail' : ''}`}>
        {shown.length === 0 ? (
          <Empty title={all.length === 0 ? 'No events yet' : 'No event is like this'}>
            The newest {maxEvents.toLocaleString('en')} since this page was opened are shown, as they happen.
          </Empty>
        ) : (
          <VirtualList
            class="card-list events"
            label="Events"
            items={shown}
            keyOf={keyOf}
            rowHeight={44}
            render={(frame) => <EventRow frame={frame} isChosen={frame === chosen} onChoose={setChosen} />}
          />
        )}
        {chosen && <Detail frame={chosen} onClose={() => setChosen(null)} />}
      </div>
    </Page>
  );
}

function Controls({ shown }: { readonly shown: readonly Frame[] }) {
  const toggle = () => {
    paused.value = !paused.value;
  };
  const Icon = paused.value ? Play : Pause;
  return (
    <>
      <CopyButton text={() => pretty(shown)} label="Copy all that are shown as JSON" />
      <button type="button" class="secondary outline" onClick={clearEvents}>
        <Eraser size={16} aria-hidden="true" /> Clear
      </button>
      <button type="button" class="secondary outline" aria-pressed={paused.value} onClick={toggle}>
        <Icon size={16} aria-hidden="true" /> {paused.value ? 'Go on' : 'Pause'}
      </button>
    </>
  );
}

interface FiltersProps {
  readonly filter: Filter;
  readonly onChange: (filter: Filter) => void;
  readonly events: readonly Frame[];
}

function Filters({ filter, onChange, events }: FiltersProps) {
  const names = useMemo(() => [...new Set(events.map(({ event }) => event))].sort(), [events]);
  const change = (part: Partial<Filter>) => onChange({ ...filter, ...part });
  return (
    <div class="toolbar">
      <input
        type="search"
        placeholder="Find in events"
        aria-label="Find in events"
        value={filter.text}
        onInput={({ currentTarget }) => change({ text: currentTarget.value })}
      />
      <Choice
        label="Event"
        all="Every event"
        names={names}
        value={filter.event}
        onChange={(event) => change({ event })}
      />
      <Choice
        label="Session"
        all="Every session"
        names={sessionNames.value}
        value={filter.session}
        onChange={(session) => change({ session })}
      />
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly all: string;
  readonly names: readonly string[];
  readonly value: string;
  readonly onChange: (name: string) => void;
}

export function Choice({ label, all, names, value, onChange }: ChoiceProps) {
  return (
    <select aria-label={label} value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
      <option value="">{all}</option>
      {value && !names.includes(value) && <option value={value}>{value}</option>}
      {names.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}

interface EventRowProps {
  readonly frame: Frame;
  readonly isChosen: boolean;
  readonly onChoose: (frame: Frame) => void;
}

function EventRow({ frame, isChosen, onChoose }: EventRowProps) {
  return (
    <div class={`event-row ${isChosen ? 'chosen' : ''}`}>
      <button type="button" class="row-button" onClick={() => onChoose(frame)}>
        <time>{clockTime(frame.timestamp)}</time>
        <span class={`tag tag-${frame.event.split('.')[0]}`}>{frame.event}</span>
        <span class="event-session">{frame.session}</span>
        <span class="event-summary">{summaryOf(frame)}</span>
      </button>
      <CopyButton text={() => pretty(frame)} />
    </div>
  );
}

function Detail({ frame, onClose }: { readonly frame: Frame; readonly onClose: () => void }) {
  return (
    <aside class="detail" aria-label="The event">
      <header>
        <h2>{frame.event}</h2>
        <button type="button" class="secondary outline" onClick={onClose}>
          Close
        </button>
      </header>
      <Json value={frame} label="The event as JSON" />
    </aside>
  );
}
