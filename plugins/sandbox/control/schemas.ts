import { named, type Static, Type } from 'waha-runtime';

/** A phone number in a body or a path. */
export const phoneNumber = (description: string, example = '5511999990001') =>
  Type.String({ pattern: '^\\+?[0-9 ()-]{5,25}$', description, examples: [example] });

const times = Type.Optional(
  Type.Integer({ minimum: 1, description: 'How often it strikes; without it, until it is taken back.' }),
);
const phone = Type.Optional(phoneNumber('Only this account; without it, all of them.'));

const qr = Type.Optional(
  Type.String({
    description: 'Only the client that shows this QR code, also after it was linked. It has no number before.',
  }),
);

const fault = <K extends string>(kind: K) => ({ kind: Type.Literal(kind), phone, qr, times });

export const DisconnectBody = named(
  'SandboxDisconnect',
  Type.Object({
    how: Type.Enum(
      [
        'close',
        'reset',
        'end',
        'ack',
        401,
        402,
        403,
        405,
        406,
        409,
        411,
        413,
        414,
        415,
        418,
        440,
        500,
        501,
        503,
        515,
        516,
      ],
      {
        description: 'A code that Baileys reports, or a way of closing; docs/protocol.md, "How sessions end".',
      },
    ),
    phone: Type.Optional(phoneNumber('Only this account.')),
    device: Type.Optional(Type.Integer({ minimum: 1, description: 'Only this linked device.' })),
    hold: Type.Optional(Type.Boolean({ description: 'Say the last words and leave the socket open.' })),
    qr,
  }),
);

export const FaultBody = named(
  'SandboxFault',
  Type.Union(
    [
      Type.Object({ ...fault('silence') }, { description: 'Takes everything, says nothing, keeps TCP open.' }),
      Type.Object(
        { ...fault('slow'), delayMs: Type.Integer({ minimum: 0 }) },
        { description: 'Every answer is late.' },
      ),
      Type.Object(
        {
          ...fault('refuse-upgrade'),
          status: Type.Integer({ minimum: 400, maximum: 599 }),
          hold: Type.Optional(Type.Boolean({ description: 'Leave TCP open after the answer.' })),
        },
        { description: 'An HTTP status instead of a websocket. Concerns everyone: numbers are not known yet.' },
      ),
      Type.Object({ ...fault('ignore-upgrade') }, { description: 'TCP is accepted, HTTP is never answered.' }),
      Type.Object({
        ...fault('refuse-login'),
        reason: Type.Integer({ minimum: 400, maximum: 599 }),
        expire: Type.Optional(
          Type.Integer({ minimum: 0, description: 'When a ban for a time (402) ends, in seconds.' }),
        ),
      }),
      Type.Object({ ...fault('disconnect-at-login'), how: DisconnectBody.properties.how }),
      Type.Object({ ...fault('no-restart') }, { description: 'No 515 after a linking; the socket stays open.' }),
      Type.Object({ ...fault('refuse-message'), code: Type.Integer({ minimum: 400, maximum: 599 }) }),
      Type.Object(
        {
          ...fault('refuse-code'),
          code: Type.Integer({ minimum: 400, maximum: 599 }),
          backoff: Type.Optional(Type.Integer({ minimum: 1, description: 'When to ask again, in seconds.' })),
        },
        { description: 'No pairing code. `phone` is the account that is to be linked.' },
      ),
      Type.Object({ ...fault('no-message-ack') }),
      Type.Object({ ...fault('missed-device') }, { description: 'The ack names other devices (`phash`).' }),
      Type.Object(
        { ...fault('untold-device') },
        { description: 'Other devices of the account are not told that one was linked or unlinked.' },
      ),
      Type.Object({ ...fault('refresh-lid') }, { description: 'The ack says that hidden ids are stale.' }),
      Type.Object({ ...fault('garble') }, { description: 'The client cannot decrypt the message.' }),
      Type.Object({ ...fault('no-history') }, { description: 'No history after the first login: Baileys waits 20 s.' }),
      Type.Object(
        {
          ...fault('unanswered'),
          xmlns: Type.String(),
          done: Type.Optional(Type.Boolean({ description: 'What it asks for is done, and the answer gets lost.' })),
        },
        { description: 'A query gets no answer.' },
      ),
      Type.Object(
        {
          ...fault('refuse-query'),
          xmlns: Type.String(),
          code: Type.Integer({ minimum: 400, maximum: 599, description: '429 is rate-overlimit.' }),
          backoff: Type.Optional(Type.Integer({ minimum: 1, description: 'When to ask again, in seconds.' })),
        },
        { description: 'A query is refused, and not done.' },
      ),
      Type.Object(
        {
          ...fault('media'),
          how: Type.Enum(['hang', 'status', 'damage', 'truncate', 'cut', 'slow'], { type: 'string' }),
          status: Type.Optional(Type.Integer({ minimum: 400, maximum: 599 })),
          delayMs: Type.Optional(Type.Integer({ minimum: 0 })),
        },
        { description: 'Downloads of files go wrong. `phone` is whoever sent the file.' },
      ),
      Type.Object({ ...fault('new-time') }, { description: 'What is handed over again has the time of that moment.' }),
      Type.Object({ ...fault('no-reupload') }, { description: 'The phone does not upload a lost file again.' }),
    ],
    { description: 'What the server does wrong.' },
  ),
);

export const PhoneBody = named(
  'SandboxPhoneBody',
  Type.Object({
    number: phoneNumber('The phone number of the account.'),
    name: Type.Optional(Type.String({ description: 'The push name that linked devices learn.' })),
  }),
);

export const DeviceView = named(
  'SandboxDevice',
  Type.Object({
    id: Type.Integer(),
    jid: Type.String(),
    os: Type.String(),
    platformType: Type.String(),
    requireFullSync: Type.Boolean(),
    version: Type.String(),
    linkedAt: Type.Integer({ description: 'Milliseconds since 1970.' }),
    online: Type.Boolean(),
    presence: Type.Union([Type.String(), Type.Null()], { description: 'available, unavailable or not said yet.' }),
    logins: Type.Integer(),
    preKeys: Type.Integer(),
    waiting: Type.Integer({ description: 'What it has not confirmed yet.' }),
  }),
);

export const PhoneView = named(
  'SandboxPhone',
  Type.Object({
    number: Type.String(),
    name: Type.String(),
    jid: Type.String(),
    lid: Type.String(),
    devices: Type.Array(DeviceView),
  }),
);

export const ContactBody = named(
  'SandboxContactBody',
  Type.Object({
    number: phoneNumber('The phone number of the contact.'),
    name: Type.Optional(Type.String()),
    confirms: Type.Optional(Type.Boolean({ description: 'Sends delivery receipts; true by default.' })),
    reads: Type.Optional(Type.Boolean({ description: 'Reads messages as they come; false by default.' })),
    addressing: Type.Optional(Type.Enum(['pn', 'lid'])),
    username: Type.Optional(
      Type.Union([Type.String({ pattern: '^[a-z0-9._]{3,35}$' }), Type.Null()], {
        description: 'By which others find it without its number; null takes it away.',
      }),
    ),
    wantsToken: Type.Optional(
      Type.Boolean({ description: 'Takes messages with its token only, which it gives to whom it writes.' }),
    ),
    absent: Type.Optional(Type.Boolean({ description: 'This number is not on WhatsApp.' })),
  }),
);

export const ContactView = named(
  'SandboxContact',
  Type.Object({
    number: Type.String(),
    name: Type.String(),
    jid: Type.String(),
    lid: Type.String(),
    confirms: Type.Boolean(),
    reads: Type.Boolean(),
    addressing: Type.String(),
    username: Type.Union([Type.String(), Type.Null()]),
    messages: Type.Integer({ description: 'How many messages it has received.' }),
  }),
);

export const LoadBody = named(
  'SandboxLoad',
  Type.Object({
    phones: Type.Array(
      Type.String({
        pattern: '^(\\+?[0-9 ()-]{5,25}|[0-9-]+@g\\.us)$',
        description: 'An account, or the JID of a group.',
      }),
      { minItems: 1 },
    ),
    contacts: Type.Integer({ minimum: 1, maximum: 10_000, default: 1, description: 'Contacts per account.' }),
    messages: Type.Integer({ minimum: 1, maximum: 200_000, description: 'Messages in all.' }),
    inFlight: Type.Integer({
      minimum: 1,
      maximum: 1_000,
      default: 20,
      description: 'Unconfirmed messages at any time.',
    }),
  }),
);

const wait = Type.Boolean({ default: true, description: 'Answer when the device is linked, not at once with 202.' });
export const ScanBody = named(
  'SandboxScan',
  Type.Object({ qr: Type.String({ description: 'What the QR code says.' }), wait }),
);
export const CodeBody = named('SandboxCode', Type.Object({ code: Type.String({ examples: ['ABCD-EFGH'] }), wait }));
export const NameBody = named('SandboxName', Type.Object({ name: Type.String({ minLength: 1 }) }));

export const PhoneParams = Type.Object({ phone: phoneNumber('The phone number of the account.') });
export const DeviceParams = Type.Object({ phone: PhoneParams.properties.phone, device: Type.Integer({ minimum: 1 }) });
export const ContactParams = Type.Object({ contact: phoneNumber('The phone number of the contact.', '11111111111') });
export const InboxParams = Type.Object({ contact: ContactParams.properties.contact, message: Type.String() });
export const FaultParams = Type.Object({ fault: Type.String() });
export const DeliveriesQuery = Type.Object({
  open: Type.Optional(Type.Boolean({ description: 'Only what is not confirmed.' })),
});

export type ContactBody = Static<typeof ContactBody>;
export type DisconnectBody = Static<typeof DisconnectBody>;
export type FaultBody = Static<typeof FaultBody>;
export type ScanBody = Static<typeof ScanBody>;
export type CodeBody = Static<typeof CodeBody>;
export type LoadBody = Static<typeof LoadBody>;
export type PhoneView = Static<typeof PhoneView>;
export type ContactView = Static<typeof ContactView>;
