import { Identity, otherName } from './message.ts';
import { named, Type, type ValueOf } from './schema.ts';

/** What somebody is doing, or what we show of us. */
export const PresenceState = Type.Enum(['offline', 'online', 'typing', 'recording', 'paused'], { type: 'string' });

/** What the people of a chat are doing: in `presence.update`, and in answers. */
export const PresencePayload = named(
  'WAHAChatPresences',
  Type.Object({
    id: Type.String({ description: 'The chat' }),
    presences: Type.Array(
      named(
        'WAHAPresenceData',
        Type.Object({
          participant: Type.String(),
          participantAlt: otherName('`participant`'),
          participantIdentity: Type.Optional(Identity),
          lastKnownPresence: PresenceState,
          lastSeen: Type.Union([Type.Number(), Type.Null()], { description: 'seconds since the epoch' }),
        }),
      ),
    ),
  }),
);
export type PresencePayload = ValueOf<typeof PresencePayload>;
