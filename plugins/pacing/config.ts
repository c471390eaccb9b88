import { SessionPacing, type Static, Type } from 'waha-runtime';

const pace = (perMinute: number, burst: number, description: string) =>
  Type.Object(
    {
      perMinute: Type.Number({ exclusiveMinimum: 0, maximum: 100_000, default: perMinute }),
      burst: Type.Integer({
        minimum: 1,
        maximum: 100_000,
        default: burst,
        description: 'so many at once after a rest',
      }),
    },
    { default: {}, description },
  );

/** How the plugin is configured. */
export const PacingConfig = Type.Object({
  ...SessionPacing.properties,
  known: pace(60, 10, 'Messages to people who have written or been written to, and to groups'),
  new: pace(5, 3, 'Messages to everybody else'),
  maxWaitMs: Type.Integer({
    minimum: 0,
    maximum: 25_000,
    default: 10_000,
    description: 'how long a message may wait for its turn; one that would wait longer is refused with 429',
  }),
  maxWaiting: Type.Integer({
    minimum: 0,
    maximum: 10_000,
    default: 50,
    description: 'how many messages of a session may wait; one more is refused with 429',
  }),
  maxQueued: Type.Integer({
    minimum: 0,
    maximum: 100_000,
    default: 1000,
    description: 'how many sends of a session may wait in the queue; one more is refused with 429',
  }),
  maxKnown: Type.Integer({
    minimum: 1,
    maximum: 100_000,
    default: 5000,
    description:
      'how many chats of a session are remembered as known; beyond, the ones not heard of for longest are new',
  }),
});
export type PacingConfig = Static<typeof PacingConfig>;
export type Pace = PacingConfig['known'];
