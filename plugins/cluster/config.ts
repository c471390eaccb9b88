import { type Static, Type } from 'waha-runtime';

export const ClusterConfig = Type.Object({
  name: Type.String({
    default: 'waha',
    pattern: '^[a-z][a-z0-9_-]{0,62}$',
    description: 'The name of the cluster, which is the same for all its processes',
  }),
  url: Type.Optional(
    Type.String({
      pattern: '^https?://',
      description:
        'The address where the other processes reach the HTTP server of this one. The default is its address on this machine, which is right if all processes are on one machine',
      examples: ['http://waha-0.waha:3000'],
    }),
  ),
  beat: Type.Integer({
    default: 1_000,
    minimum: 50,
    maximum: 10_000,
    description: 'The interval of heartbeats',
  }),
  deadAfter: Type.Integer({
    default: 5_000,
    minimum: 250,
    maximum: 120_000,
    description: 'How long the others wait for a heartbeat before they take over the sessions; at least four intervals',
  }),
  expect: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 1_000,
    description: 'How many processes a cold start waits for, at most half a minute, before sessions are claimed',
  }),
});
export type ClusterConfig = Static<typeof ClusterConfig>;
