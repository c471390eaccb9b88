import { named, type RouteResponse, Type } from 'waha-runtime';

export const CountResponse = named('CountResponse', Type.Object({ count: Type.Number() }));

/** A number in a query. Absent: all, or what the operation says. */
const whole = (description: string, most: number) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum: most, description }));

/** How much of a list an answer holds. */
export const listed = (byDefault?: number) => ({
  limit: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 10_000,
      ...(byDefault === undefined ? {} : { default: byDefault }),
      description: 'How many, at most',
    }),
  ),
  offset: whole('How many to leave out at the beginning', 1_000_000_000),
});

export const sortOrder = Type.Optional(Type.Enum(['desc', 'asc'], { type: 'string' }));

export const merge = Type.Optional(
  Type.Boolean({ default: true, description: 'Show the two chats of one person (@lid and @c.us) as one' }),
);

export const count = whole;

/** Of what is asked of WhatsApp at most once a day. */
export const refresh = Type.Optional(
  Type.Boolean({ default: false, description: 'Ask WhatsApp again. Without it an answer holds for 24 hours' }),
);

/** Everything that reads from the store fails in these ways. */
export const readingFailures: Record<number, RouteResponse> = {
  400: { description: 'A wrong id, or the session keeps no store (config.noweb.store.enabled)' },
  404: { description: 'There is no such session, or what was asked for is not known' },
  422: { description: 'The session is not WORKING' },
  429: { description: 'Too many long lists of the session are being read' },
};
