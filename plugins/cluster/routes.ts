import { named, type RouteGroup, route, Type } from 'waha-runtime';
import type { ClusterNode } from './node.ts';

const Cluster = named(
  'Cluster',
  Type.Object({
    name: Type.String(),
    node: Type.String({ description: 'The process that answered' }),
    nodes: Type.Array(
      Type.Object({
        id: Type.String(),
        url: Type.String(),
        version: Type.String(),
        protocol: Type.Integer(),
        state: Type.Enum(['ready', 'draining'], { type: 'string' }),
        sessions: Type.Integer({ description: 'As of its last beat' }),
        startedAt: Type.Integer({ description: 'Milliseconds since 1970' }),
      }),
    ),
  }),
);

/** What the cluster looks like from here. */
export const clusterRoutes = (name: string, node: () => ClusterNode): RouteGroup => ({
  tag: 'Observability',
  routes: [
    route({
      method: 'GET',
      path: '/api/cluster',
      summary: 'The processes of the cluster, and how many sessions each of them has',
      responses: { 200: { description: 'The state of the cluster as this process sees it', schema: Cluster } },
      handle: () => ({
        name,
        node: node().node,
        nodes: node().peers.alive.map(({ id, url, version, protocol, state, sessions, startedAt }) => ({
          ...{ id, url, version, protocol, state, sessions, startedAt },
        })),
      }),
    }),
  ],
});
