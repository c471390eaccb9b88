import type { MetricSource, Sample } from './contracts/metrics.ts';
import type { PluginInfo } from './contracts/plugins.ts';
import type { FanOutBus } from './events/bus.ts';
import type { ActorSessions } from './session/sessions.ts';
import type { StoreLatency } from './stores/latency.ts';

export interface MetricSources {
  readonly sessions: Pick<ActorSessions, 'counts' | 'reconnects'>;
  readonly bus: Pick<FanOutBus, 'sinks' | 'waiting'>;
  readonly latency: Pick<StoreLatency, 'collect'>;
  readonly plugins?: () => readonly PluginInfo[];
}

const statuses = ['STOPPED', 'STARTING', 'SCAN_QR_CODE', 'WORKING', 'FAILED'] as const;

/** The runtime's own figures. A status that no session has is 0, so that alerts see it change. */
export const runtimeMetrics = ({ sessions, bus, latency, plugins = () => [] }: MetricSources): MetricSource => ({
  name: 'runtime',
  collect: () => [...sessionSamples(sessions), ...eventSamples(bus), ...latency.collect(), ...pluginSamples(plugins())],
});

const sessionSamples = (sessions: MetricSources['sessions']): Sample[] => {
  const counts = sessions.counts();
  return [
    ...statuses.map((status): Sample => {
      const help = 'Sessions in each status';
      return { name: 'waha_sessions', help, type: 'gauge', labels: { status }, value: counts[status] ?? 0 };
    }),
    ...Object.entries(sessions.reconnects()).map(([reason, value]): Sample => {
      const help = 'Reconnects, by why the connection before ended';
      return { name: 'waha_session_reconnects_total', help, type: 'counter', labels: { reason }, value };
    }),
  ];
};

const eventSamples = (bus: MetricSources['bus']): Sample[] => [
  { name: 'waha_events_waiting', help: 'Events that wait for their commit', type: 'gauge', value: bus.waiting },
  ...bus.sinks.flatMap(({ sink, counts, pending }): Sample[] => [
    ...Object.entries(counts).map(([outcome, value]): Sample => {
      const help = 'Events handed to each sink, by what came of it';
      return { name: 'waha_sink_events_total', help, type: 'counter', labels: { sink: sink.name, outcome }, value };
    }),
    {
      name: 'waha_sink_pending',
      help: 'Events that a sink has not finished with',
      type: 'gauge',
      labels: { sink: sink.name },
      value: pending,
    },
  ]),
];

/** Parts that never failed are left out: there is one for every route. */
const pluginSamples = (plugins: readonly PluginInfo[]): Sample[] => [
  ...plugins.map(({ name, state }): Sample => {
    const help = 'Whether each plugin runs';
    const up = state === 'ready' || state === 'suspended';
    return { name: 'waha_plugin_up', help, type: 'gauge', labels: { plugin: name }, value: up ? 1 : 0 };
  }),
  ...plugins.flatMap(({ name: plugin, contributions }) =>
    Object.entries(contributions)
      .filter(([, { failed }]) => failed > 0)
      .flatMap(([part, { failed, suspended }]): Sample[] => {
        const [failures, suspensions] = ['Failures of a part of a plugin', 'Whether a part of a plugin is suspended'];
        const labels = { plugin, part };
        return [
          { name: 'waha_plugin_failures_total', help: failures, type: 'counter', labels, value: failed },
          { name: 'waha_plugin_suspended', help: suspensions, type: 'gauge', labels, value: suspended ? 1 : 0 },
        ];
      }),
  ),
];
