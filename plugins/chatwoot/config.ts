import { named, type Static, secret, Type } from 'waha-runtime';

const statuses = ['open', 'pending', 'snoozed', 'resolved'] as const;

const Conversations = named(
  'ChatWootConversationsConfig',
  Type.Object({
    sort: Type.Optional(
      Type.Enum(['created_newest', 'created_oldest', 'activity_newest', 'activity_oldest'], {
        type: 'string',
        default: 'created_newest',
        description: 'Which conversation of a contact is used if there are several',
      }),
    ),
    status: Type.Optional(
      Type.Union([Type.Array(Type.Enum([...statuses], { type: 'string' })), Type.Null()], {
        description:
          'Only conversations with one of these statuses are used; if there is none, a new one is created. Null allows any status',
      }),
    ),
    markAsRead: Type.Optional(
      Type.Boolean({ default: true, description: 'An answer on one side marks the conversation as read on the other' }),
    ),
  }),
);

const Commands = named(
  'ChatWootCommandsConfig',
  Type.Object({
    server: Type.Optional(
      Type.Boolean({ default: true, description: 'Commands about the whole server, if the YAML allows them' }),
    ),
    queue: Type.Optional(Type.Boolean({ default: false, description: 'Commands about the queue' })),
  }),
);

/** The config of an app of type `chatwoot`, as WAHA has it. */
export const ChatwootConfig = Type.Object({
  url: Type.String({ format: 'uri', maxLength: 2_000, examples: ['https://chatwoot.example'] }),
  accountId: Type.Number({ minimum: 1, multipleOf: 1, description: 'The id of the account in Chatwoot' }),
  accountToken: secret({
    pattern: '^[\\x21-\\x7e]{1,500}$',
    description: 'The access token of an agent or administrator',
  }),
  inboxId: Type.Number({ minimum: 1, multipleOf: 1, description: 'The id of an inbox of the kind API' }),
  inboxIdentifier: Type.String({ minLength: 1, maxLength: 200 }),
  linkPreview: Type.Optional(
    Type.Enum(['OFF', 'LG', 'HG'], {
      type: 'string',
      default: 'OFF',
      description: 'Previews of links that agents send',
    }),
  ),
  locale: Type.Optional(Type.String({ default: 'en-US', maxLength: 20 })),
  templates: Type.Optional(
    Type.Record(Type.String({ maxLength: 100 }), Type.String({ maxLength: 10_000 }), {
      description: 'Mustache templates that replace texts of the locale, by name',
    }),
  ),
  commands: Type.Optional(Commands),
  conversations: Type.Optional(Conversations),
});
export type ChatwootConfig = Static<typeof ChatwootConfig>;

/** What `config:` of the chatwoot plugin may hold. */
export const PluginConfig = Type.Object({
  serverCommands: Type.Boolean({
    default: false,
    description:
      'Whether agents may ask for the status of the server and restart it, which otherwise only admin keys may',
  }),
  keepDays: Type.Integer({
    minimum: 1,
    maximum: 3_650,
    default: 90,
    description:
      'How long it is stored which messages belong together; replies to older ones are sent as plain messages',
  }),
  maxWaiting: Type.Integer({
    minimum: 1,
    maximum: 1_000_000,
    default: 10_000,
    description: 'How many messages of agents may wait for a session that is not connected, for each app',
  }),
});
export type PluginConfig = Static<typeof PluginConfig>;
