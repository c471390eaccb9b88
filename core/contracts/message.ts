import { named, Type, type ValueOf } from './schema.ts';

/** WhatsApp's delivery states of a message, as WAHA numbers them. */
export const ackNames = {
  '-1': 'ERROR',
  '0': 'PENDING',
  '1': 'SERVER',
  '2': 'DEVICE',
  '3': 'READ',
  '4': 'PLAYED',
} as const;

/** How far a message has come: -1 failed, 0 pending, 1 at the server, 2 at the device, 3 read, 4 played. */
export type Ack = -1 | 0 | 1 | 2 | 3 | 4;
export type AckName = (typeof ackNames)[keyof typeof ackNames];

/** The name of an ack number. */
export const ackName = (ack: Ack): AckName => ackNames[String(ack) as keyof typeof ackNames];

const nullable = <S extends Parameters<typeof Type.Optional>[0]>(schema: S) =>
  Type.Optional(Type.Union([schema, Type.Null()]));

/** The same person by the other kind of id. Additive to WAHA. */
export const otherName = (field: string) =>
  Type.Optional(
    Type.String({ description: `The person of ${field} by the other kind of id, …@c.us or …@lid, when it is known` }),
  );

/** Who somebody is, under every name that is known. Additive to WAHA. */
export const Identity = named(
  'Identity',
  Type.Object({
    id: Type.String({ description: 'The same id as in the field that this describes' }),
    lid: Type.Union([Type.String(), Type.Null()], { description: 'The hidden id, …@lid' }),
    pn: Type.Union([Type.String(), Type.Null()], { description: 'The phone number, …@c.us' }),
    username: Type.Union([Type.String(), Type.Null()]),
  }),
);

/** A message's file in WAHA's form. `url` is null and `error` is set when the file could not be fetched. */
export const WAMedia = named(
  'WAMedia',
  Type.Object({
    url: nullable(Type.String()),
    mimetype: nullable(Type.String()),
    filename: nullable(Type.String()),
    s3: nullable(named('S3MediaData', Type.Object({ Bucket: Type.String(), Key: Type.String() }))),
    error: nullable(Type.Unknown()),
  }),
);

export type WAMedia = ValueOf<typeof WAMedia>;

export const WALocation = named(
  'WALocation',
  Type.Object({
    latitude: Type.String(),
    longitude: Type.String(),
    live: Type.Boolean(),
    name: nullable(Type.String()),
    address: nullable(Type.String()),
    url: nullable(Type.String()),
    description: nullable(Type.String()),
    thumbnail: nullable(Type.String()),
  }),
);

export const ReplyToMessage = named(
  'ReplyToMessage',
  Type.Object({
    id: Type.String(),
    participant: Type.Optional(Type.String()),
    participantIdentity: Type.Optional(Identity),
    body: Type.Optional(Type.String()),
    hasMedia: Type.Boolean(),
    media: nullable(WAMedia),
    _data: Type.Optional(Type.Unknown()),
  }),
);

/** A message as events and answers carry it. Ids are in WAHA's form; `_data` is the engine's own. */
export const WAMessage = named(
  'WAMessage',
  Type.Object({
    id: Type.String({ examples: ['false_11111111111@c.us_3EB0…'] }),
    timestamp: Type.Number({ description: 'seconds since the epoch' }),
    from: Type.String(),
    fromAlt: otherName('`from`'),
    fromIdentity: Type.Optional(Identity),
    fromMe: Type.Boolean(),
    source: Type.Enum(['api', 'app'], { type: 'string' }),
    to: nullable(Type.String()),
    toIdentity: Type.Optional(Identity),
    participant: Type.Optional(Type.String({ description: 'The author, in groups' })),
    participantAlt: otherName('`participant`'),
    participantIdentity: Type.Optional(Identity),
    author: nullable(Type.String()),
    body: nullable(Type.String()),
    hasMedia: Type.Boolean(),
    media: nullable(WAMedia),
    mediaUrl: Type.Optional(Type.Union([Type.String(), Type.Null()], { deprecated: true, description: '`media.url`' })),
    ack: Type.Enum([-1, 0, 1, 2, 3, 4], { type: 'number' }),
    ackName: Type.String(),
    location: nullable(WALocation),
    vCards: nullable(Type.Array(Type.String())),
    replyTo: nullable(ReplyToMessage),
    requestedChatId: Type.Optional(
      Type.String({
        description: 'In the answer to a send: the requested chat, if WhatsApp has another form of the number',
      }),
    ),
    mentionedIds: Type.Optional(
      Type.Array(Type.String(), { description: 'The people who are mentioned. Additive to WAHA' }),
    ),
    mentionedIdentities: Type.Optional(
      Type.Array(Identity, { description: 'The same people in the same order, with all their known addresses' }),
    ),
    _data: Type.Optional(Type.Unknown()),
  }),
);
export type WAMessage = ValueOf<typeof WAMessage>;
