/** A sample of Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: \d+)?$/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Reads the samples; comments and histograms' buckets are left out. */
export const samplesOf = (text: string): readonly Sample[] =>
  text.split('\n').flatMap((row) => {
    if (row.startsWith('#') || row.includes('_bucket{')) return [];
    const [, name, labels = '', value] = line.exec(row) ?? [];
    if (!name) return [];
    return [
      {
        name,
        labels: Object.fromEntries([...labels.matchAll(label)].map(([, key = '', text = '']) => [key, text])),
        value: Number(value),
      },
    ];
  });

/** The sum of all samples of a name whose labels are these. */
export const sumOf = (
  samples: readonly Sample[],
  name: string,
  wanted: Readonly<Record<string, string>> = {},
): number =>
  samples
    .filter(
      (sample) => sample.name === name && Object.entries(wanted).every(([key, text]) => sample.labels[key] === text),
    )
    .reduce((sum, { value }) => sum + value, 0);

/** What is plotted: a level, or how much a counter grows in a second. */
export interface Plot {
  readonly label: string;
  readonly kind: 'level' | 'rate';
  readonly read: (samples: readonly Sample[]) => number;
  readonly unit?: 'bytes' | 'seconds';
}

export const plots: readonly Plot[] = [
  { label: 'Sessions working', kind: 'level', read: (all) => sumOf(all, 'waha_sessions', { status: 'WORKING' }) },
  { label: 'Sessions failed', kind: 'level', read: (all) => sumOf(all, 'waha_sessions', { status: 'FAILED' }) },
  { label: 'Messages in / s', kind: 'rate', read: (all) => sumOf(all, 'waha_messages_total', { direction: 'in' }) },
  { label: 'Messages out / s', kind: 'rate', read: (all) => sumOf(all, 'waha_messages_total', { direction: 'out' }) },
  { label: 'Events that wait', kind: 'level', read: (all) => sumOf(all, 'waha_events_waiting') },
  { label: 'Webhooks that wait', kind: 'level', read: (all) => sumOf(all, 'waha_webhook_queued') },
  {
    label: 'Webhooks delivered / s',
    kind: 'rate',
    read: (all) => sumOf(all, 'waha_webhook_deliveries_total', { outcome: 'delivered' }),
  },
  { label: 'CPU, cores', kind: 'rate', read: (all) => sumOf(all, 'process_cpu_seconds_total') },
  { label: 'Memory', kind: 'level', unit: 'bytes', read: (all) => sumOf(all, 'process_resident_memory_bytes') },
  { label: 'Heap', kind: 'level', unit: 'bytes', read: (all) => sumOf(all, 'nodejs_heap_size_used_bytes') },
  {
    label: 'Event loop lag',
    kind: 'level',
    unit: 'seconds',
    read: (all) => sumOf(all, 'nodejs_eventloop_lag_p99_seconds'),
  },
  { label: 'Dashboards and listeners', kind: 'level', read: (all) => sumOf(all, 'waha_websocket_clients') },
];
