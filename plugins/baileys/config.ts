import { type Static, Type } from 'waha-runtime';

/** WhatsApp Web's ids of its stored queries, of August 2026. Most of Baileys' own are older, or not there. */
const today = {
  create: '25149874324715067',
  metadata: '27456920720571478',
  follow: '24404358912487870',
  unfollow: '9767147403369991',
  setting: '31938993655691868',
  delete: '30062808666639665',
  followed: '25399611239711790',
  byView: '26125047313831973',
  byText: '26301059626252132',
  timelock: '23983697327930364',
  capping: '24503548349331633',
} as const;
export type GraphQuery = keyof typeof today;

/** WhatsApp changes them now and then: the YAML wins. */
export const GraphQueries = Type.Object(
  Object.fromEntries(
    Object.entries(today).map(([name, id]) => [name, Type.String({ pattern: '^[0-9]{5,25}$', default: id })]),
  ) as Record<GraphQuery, ReturnType<typeof Type.String>>,
  {
    default: {},
    description: 'Ids of WhatsApp’s stored queries (channels, limits of the account), in case WhatsApp changes them',
  },
);
export type GraphQueries = Static<typeof GraphQueries>;

/** How the plugin is configured. */
export const BaileysConfig = Type.Object({
  version: Type.Optional(
    Type.Tuple([Type.Integer({ minimum: 0 }), Type.Integer({ minimum: 0 }), Type.Integer({ minimum: 0 })], {
      description: 'The version of WhatsApp Web that sessions present; when absent, the current one is looked up',
      examples: [[2, 3000, 1043857760]],
    }),
  ),
  versionFetch: Type.Object(
    {
      enabled: Type.Boolean({ default: true }),
      timeoutMs: Type.Integer({ minimum: 100, maximum: 60_000, default: 5000 }),
    },
    {
      default: {},
      description: 'How the current version is looked up at web.whatsapp.com; not used with an own endpoint',
    },
  ),
  endpoint: Type.Optional(
    Type.Object(
      {
        url: Type.String({ pattern: '^wss?://' }),
        rootKey: Type.String({ pattern: '^[0-9a-fA-F]{64}$', description: 'root of the Noise certificates, in hex' }),
        ca: Type.Optional(Type.String({ description: 'PEM of the authority behind its TLS certificates' })),
      },
      { description: 'A server that is used in place of WhatsApp, such as a sandbox' },
    ),
  ),
  connectTimeoutMs: Type.Integer({
    minimum: 100,
    default: 20_000,
    description: 'how long a connection may make no progress until it is open or shows a QR code',
  }),
  keepAliveIntervalMs: Type.Integer({ minimum: 500, default: 30_000 }),
  queryTimeoutMs: Type.Integer({
    minimum: 100,
    default: 20_000,
    description:
      'how long WhatsApp may take to answer a query; requests that need the answer are refused with 503 then',
  }),
  restartTimeoutMs: Type.Integer({
    minimum: 100,
    default: 10_000,
    description: 'how long after a scan to wait for WhatsApp to ask for the reconnect, before reconnecting anyway',
  }),
  pairingSilenceMs: Type.Integer({
    minimum: 100,
    default: 60_000,
    description: 'How long a phone may send nothing after a pairing code was typed, before another code is requested',
  }),
  confirmPasskeys: Type.Boolean({
    default: false,
    description:
      'Whether the user compares the codes in every linking by passkey; otherwise only if there is no proof that the phone has scanned this session’s code',
  }),
  reuploadTimeoutMs: Type.Integer({
    minimum: 100,
    default: 10_000,
    description: 'how long the phone may take to upload a file again that WhatsApp has deleted',
  }),
  graphQueries: GraphQueries,
  client: Type.Object(
    { deviceName: Type.String({ default: 'Mac OS' }), browserName: Type.String({ default: 'Chrome' }) },
    { default: {}, description: 'How sessions are shown under Linked devices, unless their config says otherwise' },
  ),
});
export type BaileysConfig = Static<typeof BaileysConfig>;
