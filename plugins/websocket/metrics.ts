import type { MetricSource, Sample } from 'waha-runtime';
import type { Clients } from './clients.ts';

const about = {
  clients: ['waha_websocket_clients', 'WebSocket clients that are connected', 'gauge'],
  behind: ['waha_websocket_clients_behind', 'Clients that read from the event log at present', 'gauge'],
  sent: ['waha_websocket_frames_total', 'Frames sent', 'counter'],
  bytes: ['waha_websocket_bytes_total', 'Bytes of these frames', 'counter'],
  fellBehind: ['waha_websocket_fell_behind_total', 'Times that a client was too slow for live events', 'counter'],
  closedBehind: [
    'waha_websocket_closed_behind_total',
    'Clients closed because the log could not serve them',
    'counter',
  ],
  cutSilent: ['waha_websocket_cut_silent_total', 'Clients cut because they did not answer a ping', 'counter'],
} as const satisfies Record<keyof ReturnType<Clients['counts']>, readonly [string, string, Sample['type']]>;

/** The counts of all clients, for `/metrics`. */
export const clientMetrics = (name: string, clients: Pick<Clients, 'counts'>): MetricSource => ({
  name,
  collect() {
    const counts = clients.counts();
    return Object.entries(about).map(([key, [metric, help, type]]): Sample => {
      return { name: metric, help, type, labels: { sink: name }, value: counts[key as keyof typeof about] };
    });
  },
});
