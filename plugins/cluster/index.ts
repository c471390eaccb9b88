import workers from 'node:cluster';
import {
  configInvalid,
  definePlugin,
  type HealthReport,
  type OwnershipProvider,
  Points,
  type Sample,
  Tokens,
} from 'waha-runtime';
import { ClusterConfig } from './config.ts';
import { RequestForwarder } from './forwarder.ts';
import { ClusterNode } from './node.ts';
import { clusterRoutes } from './routes.ts';
import { openTables } from './tables.ts';

/** Several processes with one set of sessions: each session has one owner, and another one soon after that is gone. */
export default definePlugin({
  name: 'cluster',
  description: 'Runs one set of sessions in several processes, on one PostgreSQL',
  config: ClusterConfig,
  needs: { clock: Tokens.Clock, runtime: Tokens.Runtime },
  contributesFirst: [Points.Ownership],
  provides: [Tokens.Forwarder],
  setup({ name, config, services, log, contribute, provide }) {
    const { clock, runtime } = services;
    if (workers.isWorker && config.url !== undefined) {
      throw configInvalid('url: is the address of one process, and `--workers` starts several: take one of them out');
    }
    let opened: ClusterNode | null = null;
    const node = (): ClusterNode => {
      if (opened === null) throw new Error('the cluster is not open yet');
      return opened;
    };
    const forwarder = new RequestForwarder(node, log);
    const provider: OwnershipProvider = {
      open: async (database) => {
        const tables = await openTables(database);
        const joining = new ClusterNode({
          config,
          tables,
          version: runtime.version,
          clock,
          log,
          onDeath: (url) => forwarder.cutOff(url),
        });
        opened = await joining.open();
        return opened;
      },
    };
    contribute(Points.Ownership, provider);
    provide(Tokens.Forwarder, forwarder);
    contribute(Points.Routes, clusterRoutes(config.name, node));
    contribute(Points.HealthIndicator, { name, check: () => health(node()) });
    contribute(Points.Metrics, { name, collect: () => metrics(node(), forwarder) });
  },
});

const health = ({ report }: ClusterNode): HealthReport => {
  if (report.state === 'ready') return { status: 'up', ...report };
  return { ...report, status: 'down', message: `this process is ${report.state}` };
};

const metrics = ({ report }: ClusterNode, { forwards }: RequestForwarder): Sample[] => {
  const counter = (name: string, help: string, value: number): Sample => ({
    ...{ name: `waha_cluster_${name}_total`, help, type: 'counter', value },
  });
  return [
    { name: 'waha_cluster_owned_sessions', help: 'Sessions of this process', type: 'gauge', value: report.owned },
    {
      name: 'waha_cluster_beat_age_seconds',
      help: 'Since the last beat that the database took',
      type: 'gauge',
      value: report.sinceBeat / 1000,
    },
    counter('takeovers', 'Sessions that came to this process', report.takeovers),
    counter('losses', 'Sessions that went from it without being handed over', report.losses),
    counter('forwards', 'Requests that were forwarded to another process', forwards),
  ];
};
