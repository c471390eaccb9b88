import type { Registry } from 'prom-client';
import { definePlugin, type MetricSource, Points, type RouteGroup, reply, route, Tokens, Type } from 'waha-runtime';
import { EventCounts } from './event-counts.ts';
import { exposition, newRegistry } from './exposition.ts';
import { merged } from './merged.ts';
import { sessionFigures, withWorker } from './session-figures.ts';
import { type Asked, fromSiblings } from './siblings.ts';

const config = Type.Object({
  path: Type.String({ default: '/metrics', pattern: '^/[A-Za-z0-9/_-]+$', description: 'Where it is served' }),
  access: Type.Enum(['key', 'public'], {
    type: 'string',
    default: 'key',
    description: '`key`: needs an API key, like everything else. `public`: answers everyone',
  }),
  sessions: Type.Boolean({
    default: true,
    description: 'Also the status and times of each session; disable it if there are thousands of sessions',
  }),
  process: Type.Boolean({
    default: true,
    description: 'Also CPU, memory, garbage collection and event-loop delay of Node',
  }),
});

/** Serves figures to Prometheus: those of the runtime, of every plugin that has some, and of the process. */
export default definePlugin({
  name: 'metrics',
  description: 'Prometheus metrics of sessions, messages, deliveries, databases and the process',
  config,
  needs: {
    events: Tokens.Events,
    runtime: Tokens.Metrics,
    info: Tokens.Runtime,
    sessions: Tokens.Sessions,
    clock: Tokens.Clock,
  },
  wants: { forwarder: Tokens.Forwarder },
  setup({ config, services, log, contribute, contributions, onOpen, onClose }) {
    const { events, runtime, info, sessions, clock, forwarder } = services;
    /** Behind one port with others: then each value says whose it is. */
    const isOneOfSeveral = () => forwarder !== undefined && forwarder.siblings !== null;
    let opening: Promise<Registry | null> | undefined;
    const processFigures = (): Promise<Registry | null> => {
      opening ??= config.process ? watchProcess(isOneOfSeveral() ? info.workerId : null) : Promise.resolve(null);
      return opening;
    };
    const counts = new EventCounts();
    onOpen(() => {
      const timer = clock.setTimeout(() => void processFigures(), quietMs);
      onClose(() => clock.clearTimeout(timer));
    });
    onClose(events.subscribe('metrics', (event) => counts.note(event)));
    onClose(async () => (await opening)?.clear());
    const own = sessionFigures({ runtime: info, sessions, perSession: config.sessions });
    const sources = (): MetricSource[] =>
      [own, runtime, counts, ...contributions(Points.Metrics).map(({ value }) => value)].map((source) =>
        withWorker(source, info.workerId, isOneOfSeveral()),
      );
    const render = async (): Promise<string> =>
      (await exposition(sources(), log)) + ((await (await processFigures())?.metrics()) ?? '');
    const renderAll = async (asked: Asked): Promise<string> =>
      merged([await render(), ...(await fromSiblings(forwarder, config.path, asked, log))]);
    contribute(
      Points.Routes,
      metricsGroup(config.path, config.access, (asked) => (isOneOfSeveral() ? renderAll(asked) : render())),
    );
  },
});

/** How long after the doors are open the figures of the process begin (ms), unless somebody asks before: the start is not to wait. */
const quietMs = 2_000;

const watchProcess = async (worker: string | null): Promise<Registry> => {
  const { collectDefaultMetrics } = await import('prom-client');
  const registry = await newRegistry();
  if (worker !== null) registry.setDefaultLabels({ worker });
  collectDefaultMetrics({ register: registry });
  return registry;
};

const contentType = 'text/plain; version=0.0.4; charset=utf-8';

const metricsGroup = (
  path: string,
  access: 'key' | 'public',
  render: (asked: Asked) => Promise<string>,
): RouteGroup => ({
  tag: 'Metrics',
  description: 'Metrics for Prometheus',
  routes: [
    route({
      method: 'GET',
      path,
      access,
      session: 'none',
      right: 'read',
      summary: 'Get the metrics',
      responses: { 200: { description: "Prometheus' text format", content: { 'text/plain': Type.String() } } },
      handle: async (asked) => reply({ body: await render(asked), contentType }),
    }),
  ],
});
