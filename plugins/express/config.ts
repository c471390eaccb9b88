import bytes from 'bytes';
import { configInvalid, type Static, secret, Type } from 'waha-runtime';

/** What a browser asks its user for. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

const optionalText = (description: string) => Type.Optional(Type.String({ description }));

/** What `config:` of the express plugin may hold. An empty string counts as absent, so `"${NAME:-}"` may stand anywhere. */
export const ExpressConfig = Type.Object({
  port: Type.Integer({ minimum: 0, maximum: 65_535, default: 3000, description: '0 takes any free port' }),
  host: Type.Optional(
    Type.String({
      description:
        'The address to listen on. The default is every address (0.0.0.0), as in a container; with noApiKey only this machine',
      examples: ['127.0.0.1'],
    }),
  ),
  apiKey: Type.Optional(
    secret({
      pattern: '^(?!sha512:)|^sha512:[0-9a-fA-F]{128}$',
      description: 'The API key, in clear or as sha512:<hex>. Without it a key is generated and shown once',
    }),
  ),
  noApiKey: Type.Boolean({ default: false, description: 'Accept requests without a key. An apiKey takes precedence' }),
  apiKeyExcludePaths: Type.Array(Type.String(), {
    default: [],
    description: 'Paths that need no key; `*` stands for anything',
    examples: [['health', 'api/files/*']],
  }),
  allowedHosts: Type.Array(Type.String(), {
    default: [],
    description: 'With noApiKey: names of the server that requests may use, in addition to localhost and IP addresses',
    examples: [['waha']],
  }),
  corsOrigins: Type.Array(Type.String(), {
    default: [],
    description: 'Sites whose pages may call the API; `*` for all of them',
    examples: [['https://crm.example']],
  }),
  bodyLimit: Type.String({
    pattern: '^(\\d+(b|kb|mb|gb))?$',
    default: '50mb',
    description: 'The largest request body for operations with a file; other bodies may have 1 MB',
  }),
  baseUrl: optionalText('The public address of this server, for links to it'),
  swagger: Type.Object(
    {
      enabled: Type.Boolean({ default: true, description: 'Serve /swagger and /openapi.json' }),
      username: optionalText('The user name; the browser asks for it together with the password'),
      password: Type.Optional(secret()),
    },
    { default: {} },
  ),
  requestLog: Type.Enum(['all', 'failed', 'none'], {
    type: 'string',
    default: 'failed',
    description: 'Which requests are logged at level info; at level debug all are, unless it is `none`',
  }),
  closeGrace: Type.Integer({
    minimum: 0,
    maximum: 9_000,
    default: 5_000,
    description: 'How long the server waits for requests under way when it stops (ms)',
  }),
});
type Raw = Static<typeof ExpressConfig>;

/** The config as the rest of the plugin reads it. */
export interface Settings {
  readonly port: number;
  readonly host: string;
  readonly apiKey: string | undefined;
  readonly noApiKey: boolean;
  readonly openPaths: readonly string[];
  readonly maxBodyBytes: number;
  readonly allowedHosts: readonly string[];
  readonly origins: readonly string[];
  readonly baseUrl: string | undefined;
  readonly swagger: { readonly enabled: boolean; readonly login: Login | undefined };
  readonly requestLog: RequestLog;
  readonly closeGrace: number;
}

/** Which requests are logged: a line costs as much as a small answer. */
export type RequestLog = Raw['requestLog'];

const given = (text: string | undefined): string | undefined => (text?.trim() ? text.trim() : undefined);

const withoutSlash = (url: string | undefined): string | undefined =>
  url?.endsWith('/') ? withoutSlash(url.slice(0, -1)) : url;

/** Empty strings become absent. Throws `CONFIG_INVALID` for half a login: it must not leave the page open. */
export const settingsOf = (raw: Raw): Settings => {
  const username = given(raw.swagger.username);
  const password = given(raw.swagger.password);
  if (Boolean(username) !== Boolean(password)) throw configInvalid('swagger.username and swagger.password go together');
  return {
    port: raw.port,
    host: given(raw.host) ?? (raw.noApiKey && !given(raw.apiKey) ? '127.0.0.1' : '0.0.0.0'),
    apiKey: given(raw.apiKey),
    noApiKey: raw.noApiKey,
    openPaths: raw.apiKeyExcludePaths.flatMap((path) => given(path) ?? []),
    maxBodyBytes: bytes.parse(given(raw.bodyLimit) ?? '50mb') ?? 0,
    allowedHosts: raw.allowedHosts,
    origins: raw.corsOrigins,
    baseUrl: withoutSlash(given(raw.baseUrl)),
    swagger: {
      enabled: raw.swagger.enabled,
      login: username && password ? { username, password } : undefined,
    },
    requestLog: raw.requestLog,
    closeGrace: raw.closeGrace,
  };
};
