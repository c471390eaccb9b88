import { named, Type } from 'waha-runtime';

/** The payload of `call.received`, `call.accepted` and `call.rejected`. */
export const CallData = named(
  'CallData',
  Type.Object({
    id: Type.String(),
    from: Type.String({ examples: ['11111111111@c.us'] }),
    fromAlt: Type.Optional(
      Type.String({ description: 'The caller by the other kind of id, …@c.us or …@lid', examples: ['111111111@lid'] }),
    ),
    timestamp: Type.Number({ description: 'seconds since the epoch' }),
    isVideo: Type.Boolean(),
    isGroup: Type.Boolean(),
    groupId: Type.Optional(Type.String({ description: 'The group that is called together' })),
    _data: Type.Unknown(),
  }),
);
