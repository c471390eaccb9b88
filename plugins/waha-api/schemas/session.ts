import {
  AppInfo,
  AppRequest,
  failureDetails,
  LogoutRemote,
  named,
  SessionConfig,
  SessionInfo,
  SessionName,
  SessionStatusSchema,
  Type,
} from 'waha-runtime';

const apps = Type.Optional(
  Type.Union([Type.Array(AppRequest), Type.Null()], {
    description: 'All apps of the session: others are deleted. Left out, they stay as they are',
  }),
);

/** A session as this API shows it. */
export const SessionInfoSchema = named(
  'SessionInfo',
  Type.Object({
    ...SessionInfo.properties,
    apps: Type.Optional(Type.Union([Type.Array(AppInfo), Type.Null()], { description: 'With `expand=apps`' })),
  }),
);

export const SessionDTO = named(
  'SessionDTO',
  Type.Object({ name: Type.String(), status: SessionStatusSchema, config: SessionConfig, ...failureDetails }),
);

export const LogoutAnswer = named(
  'SessionLogoutAnswer',
  Type.Object({ ...SessionDTO.properties, remote: LogoutRemote }),
);

export const SessionParams = Type.Object({ session: SessionName });

/** The body's session: `default` when the client names none. */
export const BodySession = Type.Optional(Type.Unsafe<string>({ ...SessionName, default: 'default' }));

/** With a store: without one, chats, messages and contacts cannot be read. */
const configExample = { noweb: { store: { enabled: true, fullSync: false } } };
const config = Type.Optional(Type.Union([SessionConfig, Type.Null()], { examples: [configExample] }));

export const CreateRequest = named(
  'SessionCreateRequest',
  Type.Object({
    name: Type.Optional(
      Type.Union([SessionName, Type.Literal(''), Type.Null()], {
        description: 'Generated when absent or empty',
        examples: ['default'],
      }),
    ),
    config,
    start: Type.Optional(Type.Boolean({ default: true, description: 'Start it at once' })),
    apps,
  }),
);

export const UpdateRequest = named('SessionUpdateRequest', Type.Object({ config, apps }));

/** Its config is a JSON merge patch, and checked once it is merged. */
export const PatchRequest = named(
  'SessionPatchRequest',
  Type.Object({
    config: Type.Optional(
      Type.Object(
        {},
        {
          additionalProperties: true,
          description: 'Any part of a SessionConfig',
          examples: [{ metadata: { 'user.id': '123' } }],
        },
      ),
    ),
    apps,
  }),
);

export const StartRequest = named('SessionStartDeprecatedRequest', Type.Object({ name: SessionName, config }));

export const StopRequest = named(
  'SessionStopDeprecatedRequest',
  Type.Object({ name: SessionName, logout: Type.Optional(Type.Boolean({ default: false })) }),
);

/** What a logout does besides. */
export const LogoutOptions = Type.Object({
  apps: Type.Optional(
    Type.Object({ purge: Type.Optional(Type.Boolean({ description: 'Apps forget what they have learned' })) }),
  ),
});

export const LogoutRequest = named('SessionLogoutDeprecatedRequest', Type.Object({ name: SessionName }));
