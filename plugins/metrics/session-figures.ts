import type { MetricSource, RuntimeInfo, Sample, Sessions } from 'waha-runtime';

interface Parts {
  readonly runtime: RuntimeInfo;
  readonly sessions: Pick<Sessions, 'list' | 'isHere' | 'transitions'>;
  /** Figures of each session, too. */
  readonly perSession: boolean;
}

/** The figures of WAHA about the process and about each session, under its names. */
export const sessionFigures = ({ runtime, sessions, perSession }: Parts): MetricSource => ({
  name: 'sessions',
  collect(): Sample[] {
    const { version, tier, defaultEngine } = runtime;
    const info = { version, tier, engine: defaultEngine, node: process.version };
    return [
      gauge('waha_up', 'Whether the server answers', {}, 1),
      gauge('waha_info', 'What runs here', info, 1),
      ...(perSession ? ownOf(sessions).flatMap((session) => figuresOf(session, sessions)) : []),
    ];
  },
});

/** Other processes tell of theirs. */
const ownOf = (sessions: Parts['sessions']) => sessions.list().filter(({ name }) => sessions.isHere(name));

const figuresOf = (
  { name, status, timestamps }: ReturnType<Sessions['list']>[number],
  sessions: Pick<Sessions, 'transitions'>,
): Sample[] => {
  const labels = { session: name };
  const changed = sessions.transitions(name).findLast((transition) => transition.status === status)?.timestamp;
  return [
    gauge('waha_session_status', 'The status that a session has', { ...labels, status }, 1),
    ...(timestamps.activity === null
      ? []
      : [
          gauge(
            'waha_session_activity_timestamp_seconds',
            'When something last happened in a session',
            labels,
            timestamps.activity / 1_000,
          ),
        ]),
    ...(changed === undefined
      ? []
      : [
          gauge(
            'waha_session_status_change_timestamp_seconds',
            'When the status of a session last changed',
            labels,
            changed / 1_000,
          ),
        ]),
  ];
};

const gauge = (name: string, help: string, labels: Readonly<Record<string, string>>, value: number): Sample => ({
  ...{ name, help, type: 'gauge', labels, value },
});

/** The names that WAHA has: all of them say which worker it is. */
const names: ReadonlySet<string> = new Set([
  'waha_up',
  'waha_info',
  'waha_http_requests_total',
  'waha_http_request_duration_seconds',
  'waha_sessions',
  'waha_session_status',
  'waha_session_activity_timestamp_seconds',
  'waha_session_status_change_timestamp_seconds',
  'waha_messages_total',
  'waha_events_total',
]);

/** The same source, with the label `worker` where WAHA has it; on all values where several processes answer together. */
export const withWorker = (source: MetricSource, worker: string, isOneOfSeveral: boolean): MetricSource => ({
  name: source.name,
  collect: () =>
    source
      .collect()
      .map((value) =>
        isOneOfSeveral || names.has(value.name) ? { ...value, labels: { worker, ...value.labels } } : value,
      ),
});
