import { named, type Static, Type } from 'waha-runtime';
import { phoneNumber } from './schemas.ts';

export const SendBody = named(
  'SandboxSend',
  Type.Object({
    to: Type.String({
      pattern: '^(\\+?[0-9 ()-]{5,25}|[0-9-]+@g\\.us)$',
      description: 'The account to write to, or the JID of a group.',
      examples: ['5511999990001'],
    }),
    text: Type.Optional(Type.String({ examples: ['Hello!'] })),
    message: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description:
          'A whole `proto.Message` instead of a text, of any type; bytes as base64, enums by name: `{imageMessage: {caption: …}}`.',
      }),
    ),
    media: Type.Optional(
      Type.Object(
        {
          kind: Type.Enum(['image', 'video', 'audio', 'document', 'sticker']),
          data: Type.String({ contentEncoding: 'base64' }),
          mimetype: Type.String(),
          filename: Type.Optional(Type.String()),
          voice: Type.Optional(Type.Boolean()),
        },
        { description: 'A file; `text` is then its caption.' },
      ),
    ),
    chat: Type.Optional(
      Type.String({
        pattern: '^(status@broadcast|[0-9]{1,30}@(broadcast|newsletter))$',
        description: 'Where many read, `to` among them; the chat of the two when absent.',
      }),
    ),
    edit: Type.Optional(
      Type.Object(
        {
          id: Type.String({ description: 'The message of this contact that it changes.' }),
          sealed: Type.Boolean({ default: true, description: 'As phones do today; false for the form of before.' }),
          kind: Type.Enum(['message', 'event'], { type: 'string', default: 'message' }),
        },
        { description: '`text` or `message` is then what the message becomes.' },
      ),
    ),
    unavailable: Type.Optional(
      Type.String({
        description:
          'A message that linked devices are told of and not given, `view_once`; `text` and `message` are left out.',
      }),
    ),
    attrs: Type.Optional(Type.Record(Type.String(), Type.String(), { description: 'More attributes of the stanza.' })),
    id: Type.Optional(Type.String({ description: 'A message id of your choice.' })),
    waitMs: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 60_000, description: 'Wait this long for the confirmation.' }),
    ),
  }),
);

export const WriteBody = named(
  'SandboxWrite',
  Type.Object({ to: phoneNumber('Whom the owner writes to.'), text: Type.String() }),
);

export const ConfirmBody = named(
  'SandboxConfirm',
  Type.Object({ id: Type.String(), played: Type.Optional(Type.Boolean({ description: 'Played instead of read.' })) }),
);

export const StateBody = named(
  'SandboxState',
  Type.Object({
    to: phoneNumber('The account that sees it.'),
    state: Type.Enum(['composing', 'recording', 'paused', 'available', 'unavailable']),
  }),
);

export const InboxQuery = Type.Object({
  after: Type.Optional(Type.String({ description: 'Only messages after the one with this id.' })),
  waitMs: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 60_000, description: 'Wait this long when there are none.' }),
  ),
});

export type SendBody = Static<typeof SendBody>;
export type WriteBody = Static<typeof WriteBody>;
export type StateBody = Static<typeof StateBody>;
export type InboxQuery = Static<typeof InboxQuery>;
