import { named, type Static, Type } from 'waha-runtime';

const action = (description: string) => Type.Optional(Type.Boolean({ description }));

/** What a key may do with its sessions. */
export const Actions = named(
  'SessionActionsDTO',
  Type.Object(
    {
      read: action('Messages, chats, contacts, groups, labels, events'),
      send: action('Sending, and every change in chats, contacts, groups, labels, channels and the profile'),
      control: action('Start, stop, restart, log out, QR and pairing codes'),
      setting: action("The session's config, with its secrets; webhooks"),
      app: action("The session's apps"),
      delete: action('Deleting the session'),
      // A right that is misspelled is one that the key would not have, and nobody would know.
    },
    { additionalProperties: false },
  ),
);

export const RateLimit = named(
  'ApiKeyRateLimit',
  Type.Object({
    requests: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    seconds: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 86_400, default: 60 })),
  }),
);
export type RateLimit = Static<typeof RateLimit>;

const nullable = <T extends Parameters<typeof Type.Array>[0]>(schema: T, options: Record<string, unknown> = {}) =>
  Type.Optional(Type.Union([schema, Type.Null()], options));

/** What a key is made of, besides its secret. What WAHA does not know stays as it is where a request leaves it out. */
export const ApiKeyRequest = named(
  'ApiKeyRequest',
  Type.Object({
    isAdmin: Type.Optional(Type.Boolean({ default: false, description: 'May do everything' })),
    session: nullable(Type.String({ maxLength: 54 }), {
      default: null,
      description: 'The session that the key may use; null for an admin key',
      examples: ['default'],
    }),
    isActive: Type.Optional(
      Type.Boolean({ default: true, description: 'A key that is not active is refused with 401' }),
    ),
    actions: nullable(Actions, {
      default: null,
      description: 'The allowed actions are those that are true; null allows everything but `delete`',
    }),
    sessions: Type.Optional(
      Type.Array(Type.String({ maxLength: 55 }), {
        maxItems: 1000,
        description:
          'Several sessions in place of `session`; `support-*` stands for all names that begin with `support-`',
      }),
    ),
    note: nullable(Type.String({ maxLength: 1000 })),
    expiresAt: nullable(Type.Integer({ minimum: 0, description: 'When the key expires (ms since the epoch)' })),
    rateLimit: nullable(RateLimit, { description: 'Requests beyond the limit are answered with 429 and Retry-After' }),
  }),
);
export type ApiKeyRequest = Static<typeof ApiKeyRequest>;

export const ScopedApiKeyRequest = named(
  'ScopedApiKeyRequest',
  Type.Object({ session: Type.String({ minLength: 1, maxLength: 54, examples: ['default'] }) }),
);

export const RotateRequest = named(
  'ApiKeyRotateRequest',
  Type.Object({
    overlapSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 2_592_000,
        default: 3600,
        description: 'How long the old value stays valid',
      }),
    ),
  }),
);

/** A key as the API shows it. */
export const ApiKeyDTO = named(
  'ApiKeyDTO',
  Type.Object({
    id: Type.String(),
    key: Type.String({
      description: 'The value of the key; masked if only its hash is stored, and for keys of the YAML',
    }),
    isActive: Type.Boolean(),
    isAdmin: Type.Boolean(),
    session: Type.Union([Type.String(), Type.Null()]),
    actions: Type.Union([Actions, Type.Null()]),
    sessions: Type.Array(Type.String(), { description: 'All that it opens' }),
    note: Type.Union([Type.String(), Type.Null()]),
    expiresAt: Type.Union([Type.Number(), Type.Null()]),
    rateLimit: Type.Union([RateLimit, Type.Null()]),
    createdAt: Type.Union([Type.Number(), Type.Null()], {
      description: 'ms since the epoch; null for keys of the YAML',
    }),
    lastUsedAt: Type.Union([Type.Number(), Type.Null()], {
      description: 'When the key was used last; after a crash exact to the minute',
    }),
    previousKeyUntil: Type.Union([Type.Number(), Type.Null()], {
      description: 'When the value before the last rotation becomes invalid',
    }),
    owner: Type.Union([Type.String(), Type.Null()], {
      description: 'The app or plugin that made the key, and that alone may change it',
    }),
  }),
);
