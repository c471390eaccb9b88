import { named, Type } from 'waha-runtime';

/** The payload of `chat.archive`. */
export const ChatArchiveEvent = named(
  'ChatArchiveEvent',
  Type.Object({
    id: Type.String({ examples: ['11111111111@c.us'] }),
    archived: Type.Boolean(),
    timestamp: Type.Number({ description: 'seconds since the epoch' }),
  }),
);
