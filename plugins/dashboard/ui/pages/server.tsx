import { useEffect, useState } from 'preact/hooks';
import { ApiError, call, get } from '../api/client.ts';
import { features } from '../api/features.ts';
import type { Health, PluginInfo } from '../api/shapes.ts';
import { type Plot, plots, samplesOf } from '../live/metrics.ts';
import { Json } from '../parts/json.tsx';
import { useLoaded } from '../parts/loading.ts';
import { Page, Panel } from '../parts/panel.tsx';
import { Sparkline, sparklineCapacity } from '../parts/sparkline.tsx';

interface Version {
  readonly version: string;
  readonly engine: string;
  readonly platform?: string;
}

export function ServerPage() {
  const { value } = useLoaded((signal) => get<Version>('api/server/version', signal), []);
  return (
    <Page
      title="Server"
      actions={
        value && (
          <span class="muted">
            version {value.version}, {value.engine}
          </span>
        )
      }
    >
      {features.value && (features.value.metrics ? <Metrics /> : <NoMetrics />)}
      <HealthPanel />
      <Plugins />
    </Page>
  );
}

/** A server that is not well answers 503, with the same body. */
const readHealth = async (signal: AbortSignal): Promise<Health> => {
  try {
    return await get<Health>('health', signal);
  } catch (error) {
    if (error instanceof ApiError && error.status === 503 && 'details' in error.body)
      return error.body as unknown as Health;
    throw error;
  }
};

function HealthPanel() {
  const { value, error } = useLoaded(readHealth, [], 5_000);
  return (
    <Panel
      title="Health"
      actions={
        value && <span class={`badge state-${value.status === 'ok' ? 'active' : 'disabled'}`}>{value.status}</span>
      }
    >
      {error && <p class="fault">{error.message}</p>}
      <div class="health">
        {value &&
          Object.entries(value.details).map(([name, { status, ...rest }]) => (
            <details key={name} open={status === 'down'}>
              <summary>
                <span class={`badge state-${status === 'up' ? 'active' : 'disabled'}`}>{status}</span> {name}
              </summary>
              <Json value={rest} label={`Health of ${name}`} />
            </details>
          ))}
      </div>
    </Panel>
  );
}

function Plugins() {
  const { value, error } = useLoaded((signal) => get<readonly PluginInfo[]>('api/server/plugins', signal), [], 10_000);
  return (
    <Panel title="Plugins">
      {error && <p class="fault">{error.message}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section class="table-box" aria-label="Plugins" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">#</th>
              <th scope="col">Plugin</th>
              <th scope="col">State</th>
              <th scope="col">From</th>
              <th scope="col">Setup</th>
            </tr>
          </thead>
          <tbody>
            {value?.map(({ name, order, state, from, setupMs, error: fault }) => (
              <tr key={name}>
                <td>{order}</td>
                <td>
                  <b>{name}</b>
                  {fault && <p class="fault">{fault}</p>}
                </td>
                <td>
                  <span class={`badge state-${state === 'ready' ? 'active' : 'disabled'}`}>{state}</span>
                </td>
                <td class="muted">{from}</td>
                <td class="muted">{setupMs} ms</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </Panel>
  );
}

const every = 3_000;
type Series = ReadonlyMap<string, readonly number[]>;
interface Reading {
  readonly at: number;
  readonly values: ReadonlyMap<string, number>;
}

const grown = (series: Series, before: Reading | null, now: Reading): Series =>
  new Map(
    plots.map(({ label, kind }) => {
      const value = now.values.get(label) ?? 0;
      const known = series.get(label) ?? [];
      if (kind === 'level') return [label, [...known, value].slice(-sparklineCapacity)];
      if (!before) return [label, known];
      // A counter that fell began anew with its process.
      const rate = Math.max(0, value - (before.values.get(label) ?? 0)) / ((now.at - before.at) / 1_000);
      return [label, [...known, rate].slice(-sparklineCapacity)];
    }),
  );

const readMetrics = async (): Promise<Reading> => {
  const samples = samplesOf(await (await call('GET', 'metrics')).text());
  return { at: Date.now(), values: new Map(plots.map(({ label, read }) => [label, read(samples)])) };
};

const formats: Readonly<Record<NonNullable<Plot['unit']>, (value: number) => string>> = {
  bytes: (value) => `${(value / 1_048_576).toFixed(0)} MB`,
  seconds: (value) => `${(value * 1_000).toFixed(1)} ms`,
};

function NoMetrics() {
  return (
    <Panel title="Figures of the last minutes">
      <p class="muted">
        There are none at <code>/metrics</code>. With <code>- use: metrics</code> among the plugins of the server’s YAML
        file, and that path, they are shown here.
      </p>
    </Panel>
  );
}

function Metrics() {
  const [series, setSeries] = useState<Series>(new Map());
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => {
    let before: Reading | null = null;
    let over = false;
    const read = async () => {
      const now = await readMetrics().catch((error: unknown) => error as Error);
      if (over) return;
      setFault(now instanceof Error ? now.message : null);
      if (now instanceof Error) return;
      const last = before;
      before = now;
      setSeries((known) => grown(known, last, now));
    };
    void read();
    const timer = setInterval(() => document.hidden || void read(), every);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, []);
  return (
    <Panel title="Figures of the last minutes">
      {fault !== null && <p class="fault">{fault}</p>}
      <div class="sparklines">
        {plots.map(({ label, unit }) => (
          <Sparkline
            key={label}
            label={label}
            values={series.get(label) ?? []}
            {...(unit ? { format: formats[unit] } : {})}
          />
        ))}
      </div>
    </Panel>
  );
}
