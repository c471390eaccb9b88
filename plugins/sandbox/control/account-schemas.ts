import { named, type Static, Type } from 'waha-runtime';
import { phoneNumber } from './schemas.ts';

const chat = Type.String({
  pattern: '^\\+?[0-9-]{5,30}(@(s\\.whatsapp\\.net|c\\.us|lid|g\\.us))?$',
  description: 'A phone number or a JID.',
});

/** What a phone changes; one of them at a time. */
export const ChangeBody = named(
  'SandboxChange',
  Type.Object({
    chat: Type.Optional(chat),
    archive: Type.Optional(Type.Boolean()),
    pin: Type.Optional(Type.Boolean()),
    mute: Type.Optional(
      Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], { description: 'Until when (ms); null: no longer.' }),
    ),
    read: Type.Optional(Type.Boolean({ description: 'false marks the chat as unread.' })),
    star: Type.Optional(
      Type.Object({
        id: Type.String(),
        fromMe: Type.Boolean({ default: false }),
        star: Type.Boolean({ default: true }),
      }),
    ),
    contact: Type.Optional(
      Type.Union([Type.Object({ fullName: Type.String(), firstName: Type.Optional(Type.String()) }), Type.Null()], {
        description: 'The name in the address book; null removes it.',
      }),
    ),
    label: Type.Optional(
      Type.Object(
        {
          id: Type.String(),
          name: Type.Optional(Type.String()),
          color: Type.Optional(Type.Integer({ minimum: 0, maximum: 19 })),
          deleted: Type.Optional(Type.Boolean()),
        },
        { examples: [{ id: '1', name: 'Lead', color: 1 }] },
      ),
    ),
    labelled: Type.Optional(
      Type.Object(
        { id: Type.String(), labelled: Type.Boolean({ default: true }) },
        { description: 'Puts a label on the chat.' },
      ),
    ),
  }),
);

export const EntryView = named(
  'SandboxAppStateEntry',
  Type.Object({
    collection: Type.String(),
    index: Type.Array(Type.String(), {
      description: 'Kind and subject.',
      examples: [['archive', '551@s.whatsapp.net']],
    }),
    action: Type.Optional(Type.Unknown()),
  }),
);

export const ProfileBody = named(
  'SandboxProfileBody',
  Type.Object({
    name: Type.Optional(Type.String({ minLength: 1 })),
    about: Type.Optional(Type.String()),
    picture: Type.Optional(
      Type.Union([Type.String({ minLength: 1, contentEncoding: 'base64', description: 'A JPEG.' }), Type.Null()], {
        description: 'null takes it away.',
      }),
    ),
    statusAudience: Type.Optional(
      Type.Object(
        {
          type: Type.Enum(['contacts', 'whitelist', 'blacklist'], { type: 'string' }),
          numbers: Type.Array(Type.String({ pattern: '^[0-9]{5,20}$' }), { default: [] }),
        },
        { description: 'Whom it shows statuses: its contacts, only those listed, or all but those.' },
      ),
    ),
    hidden: Type.Optional(Type.Boolean({ description: 'Its privacy settings keep picture and about from others.' })),
  }),
);

export const ProfileView = named(
  'SandboxProfile',
  Type.Object({
    number: Type.String(),
    name: Type.String(),
    about: Type.String(),
    picture: Type.Union([Type.Object({ id: Type.String(), bytes: Type.Integer() }), Type.Null()]),
    hidden: Type.Boolean(),
    blocked: Type.Array(Type.String(), { description: 'Numbers.' }),
  }),
);

export const BlockBody = named(
  'SandboxBlock',
  Type.Object({ number: phoneNumber('Whom.'), blocked: Type.Boolean({ default: true }) }),
);
export const NumberParams = Type.Object({ number: phoneNumber('A phone or a contact.') });

export type ChangeBody = Static<typeof ChangeBody>;
export type ProfileBody = Static<typeof ProfileBody>;
export type ProfileView = Static<typeof ProfileView>;
export type EntryView = Static<typeof EntryView>;
export type BlockBody = Static<typeof BlockBody>;
