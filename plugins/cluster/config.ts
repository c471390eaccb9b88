import { type Static, Type } from 'waha-runtime';

export const ClusterConfig = Type.Object({
  name: Type.String({
    default: 'waha',
    pattern: '^[a-z][a-z0-9_-]{0,62}$',
    description: 'What the cluster is called; the same for all of its processes',
  }),
  url: Type.Optional(
    Type.String({
      pattern: '^https?://',
      description:
        'Where the other processes reach the HTTP server of this one. Without it where this machine does: right for processes on one machine',
      examples: ['http://waha-0.waha:3000'],
    }),
  ),
  beat: Type.Integer({
    default: 1_000,
    minimum: 50,
    maximum: 10_000,
    description: 'How often a process says that it lives',
  }),
  deadAfter: Type.Integer({
    default: 5_000,
    minimum: 250,
    maximum: 120_000,
    description: 'How long the others wait for a beat, before they take the sessions over; four beats at least',
  }),
  expect: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 1_000,
    description:
      'So many processes are waited for at a cold start, for half a minute at most, before sessions are claimed',
  }),
});
export type ClusterConfig = Static<typeof ClusterConfig>;
