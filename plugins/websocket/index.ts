import { definePlugin, Points, Tokens } from 'waha-runtime';
import { Clients } from './clients.ts';
import { WebSocketConfig } from './config.ts';
import { clientMetrics } from './metrics.ts';

/** Sends events over WebSockets, as they happen, and from the event log to clients that come back or are slow. */
export default definePlugin({
  name: 'websocket',
  description: 'Events over WebSockets at /ws, resumable by a cursor',
  config: WebSocketConfig,
  needs: { eventLog: Tokens.EventLog, clock: Tokens.Clock },
  // Not used: whoever comes after the server closes before it, while goodbyes still get through.
  wants: { server: Tokens.HttpServer },
  setup({ name, config, services, log, includes, contribute, onClose }) {
    const { eventLog, clock } = services;
    const clients = new Clients({ config, eventLog, clock, log, includes });
    contribute(Points.EventSink, { name, scope: 'all', wants: clients.wants, deliver: clients.deliver });
    contribute(Points.Upgrade, { path: config.path, handle: clients.handle });
    contribute(Points.HealthIndicator, { name, check: () => ({ status: 'up', ...clients.counts() }) });
    contribute(Points.Metrics, clientMetrics(name, clients));
    onClose(() => clients.close());
  },
});
