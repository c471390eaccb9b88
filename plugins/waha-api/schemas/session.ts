import {
  SessionConfig as CoreSessionConfig,
  MeInfo,
  named,
  SessionName,
  SessionStatusSchema,
  statusReasons,
  Type,
} from 'waha-runtime';

const flag = Type.Optional(Type.Union([Type.Boolean(), Type.Null()]));

/** A session's config in requests and answers: the runtime's, and what clients send for WAHA's other engines. */
export const SessionConfig = named(
  'SessionConfig',
  Type.Object({
    ...CoreSessionConfig.properties,
    gows: Type.Optional(
      Type.Union([
        named(
          'GowsConfig',
          Type.Object({
            storage: Type.Optional(
              named('GowsStorageConfig', Type.Object({ messages: flag, groups: flag, chats: flag, labels: flag })),
            ),
          }),
        ),
        Type.Null(),
      ]),
    ),
    webjs: Type.Optional(Type.Union([named('WebjsConfig', Type.Object({ tagsEventsOn: flag })), Type.Null()])),
  }),
);

/** An integration inside WAHA. No plugin provides any yet; the field is there for clients that read it. */
export const App = named(
  'App',
  Type.Object({
    id: Type.String(),
    session: Type.String(),
    app: Type.String({ examples: ['chatwoot', 'calls', 'mcp'] }),
    enabled: Type.Optional(Type.Boolean({ default: true })),
    config: Type.Unknown(),
  }),
);
const apps = Type.Optional(Type.Union([Type.Array(App), Type.Null()]));

/** Why a session is not working, and whether that passes by itself. */
const outlook = {
  reason: Type.Optional(
    Type.Enum([...statusReasons], { type: 'string', description: 'Why it is FAILED or reconnecting' }),
  ),
  recoverable: Type.Optional(Type.Boolean({ description: 'Whether it goes on by itself' })),
  note: Type.Optional(Type.String({ description: 'What else is known about the reason, for people' })),
  attempt: Type.Optional(Type.Integer({ description: 'Which reconnect attempt is under way or next, from 1' })),
  nextRetryAt: Type.Optional(Type.Number({ description: 'When the next attempt begins (ms)' })),
};

/** How the account stands with WhatsApp. */
const standing = {
  reachoutTimelock: Type.Optional(
    named(
      'ReachoutTimelock',
      Type.Object(
        {
          timeEnforcementEnds: Type.Union([Type.Number(), Type.Null()], { description: 'ms; null when unknown' }),
          enforcementType: Type.Union([Type.String(), Type.Null()], { description: "WhatsApp's own word for it" }),
        },
        { description: 'WhatsApp does not let the account write to new people now' },
      ),
    ),
  ),
  phoneLastSeenAt: Type.Optional(
    Type.Number({
      description: "When the account's phone last gave a sign of life (ms): it wrote, confirmed or linked",
    }),
  ),
  phoneSilence: Type.Optional(
    named(
      'PhoneSilence',
      Type.Object(
        {
          lastSeenAt: Type.Number({ description: 'ms' }),
          unlinkExpectedAt: Type.Number({ description: 'ms; if the phone was offline all the while' }),
        },
        {
          description: 'The phone has given no sign of life for long; WhatsApp unlinks devices of a phone that is gone',
        },
      ),
    ),
  ),
};

export const SessionInfoSchema = named(
  'SessionInfo',
  Type.Object({
    name: Type.String({ examples: ['default'] }),
    status: SessionStatusSchema,
    config: SessionConfig,
    me: Type.Union([MeInfo, Type.Null()]),
    engine: Type.Object({ engine: Type.String({ examples: ['NOWEB'] }) }),
    assignedWorker: Type.String(),
    presence: Type.Union([Type.Enum(['online', 'offline'], { type: 'string' }), Type.Null()]),
    timestamps: Type.Object({ activity: Type.Union([Type.Number(), Type.Null()], { description: 'ms' }) }),
    apps,
    ...outlook,
    ...standing,
  }),
);

export const SessionDTO = named(
  'SessionDTO',
  Type.Object({ name: Type.String(), status: SessionStatusSchema, config: SessionConfig, ...outlook }),
);

export const LogoutAnswer = named(
  'SessionLogoutAnswer',
  Type.Object({
    ...SessionDTO.properties,
    remote: Type.Enum(['unlinked', 'offline', 'not_linked'], {
      type: 'string',
      description:
        '`unlinked`: WhatsApp was told. `offline`: it could not be; the phone may still list the device. `not_linked`: there was nothing to tell',
    }),
  }),
);

export const TransitionSchema = named(
  'SessionTransition',
  Type.Object({
    status: SessionStatusSchema,
    timestamp: Type.Number({ description: 'When it was entered, or its reason changed (ms)' }),
    reason: outlook.reason,
    message: Type.Optional(Type.String()),
    note: outlook.note,
  }),
);

export const SessionParams = Type.Object({ session: SessionName });

/** The body's session: `default` when the client names none. */
export const BodySession = Type.Optional(Type.Unsafe<string>({ ...SessionName, default: 'default' }));

export const CreateRequest = named(
  'SessionCreateRequest',
  Type.Object({
    name: Type.Optional(Type.Union([SessionName, Type.Null()], { description: 'Generated when absent' })),
    config: Type.Optional(Type.Union([SessionConfig, Type.Null()])),
    start: Type.Optional(Type.Boolean({ default: true, description: 'Start it at once' })),
    apps,
  }),
);

export const UpdateRequest = named(
  'SessionUpdateRequest',
  Type.Object({ config: Type.Optional(Type.Union([SessionConfig, Type.Null()])), apps }),
);

export const StartRequest = named(
  'SessionStartDeprecatedRequest',
  Type.Object({ name: SessionName, config: Type.Optional(Type.Union([SessionConfig, Type.Null()])) }),
);

export const StopRequest = named(
  'SessionStopDeprecatedRequest',
  Type.Object({ name: SessionName, logout: Type.Optional(Type.Boolean({ default: false })) }),
);

export const LogoutRequest = named('SessionLogoutDeprecatedRequest', Type.Object({ name: SessionName }));
