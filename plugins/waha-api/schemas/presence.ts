import { named, otherName, Type } from 'waha-runtime';

export const PresenceState = Type.Enum(['offline', 'online', 'typing', 'recording', 'paused'], { type: 'string' });

/** What the people of a chat are doing: in events, and in answers. */
export const ChatPresences = named(
  'WAHAChatPresences',
  Type.Object({
    id: Type.String(),
    presences: Type.Array(
      named(
        'WAHAPresenceData',
        Type.Object({
          participant: Type.String(),
          participantAlt: otherName('`participant`'),
          lastKnownPresence: PresenceState,
          lastSeen: Type.Union([Type.Number(), Type.Null()]),
        }),
      ),
    ),
  }),
);
