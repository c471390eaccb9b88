/** What becomes of a variable that WAHA documents: `configs/waha-env.yaml` reads it, or a sentence says what to do instead. */
export type Fate = 'honoured' | ((value: string) => string | null);

const always =
  (advice: string): Fate =>
  () =>
    advice;
const isOn = (value: string): boolean => /^(?:true|1|yes|on)$/i.test(value.trim());
const whenOn =
  (advice: string): Fate =>
  (value) =>
    isOn(value) ? advice : null;
const whenOff =
  (advice: string): Fate =>
  (value) =>
    isOn(value) ? null : advice;
const all = (fate: Fate, ...names: string[]): Record<string, Fate> =>
  Object.fromEntries(names.map((name) => [name, fate]));
const family = (prefix: string, names: string, fate: Fate): Record<string, Fate> =>
  all(fate, ...names.split(' ').map((name) => prefix + name));

const media =
  'files are kept in the folder WHATSAPP_FILES_FOLDER, or in a bucket (WAHA_MEDIA_STORAGE=S3); for another place write a plugin that contributes to the point `file-storage`';
const proxied = 'files in a bucket are served by this server; `media.s3` names the object';
const https = 'TLS is for a proxy before this server: see examples/deploy/nginx.conf and Caddyfile';
const swagger = 'the texts of /swagger are fixed';
const jobs = 'apps need no Redis and have no job queue of their own';

/** Every variable that WAHA documents up to 2026.9, and those that its users' compose files have besides. */
export const variables: Readonly<Record<string, Fate>> = {
  ...all(
    'honoured',
    'WHATSAPP_API_PORT',
    'PORT',
    'WAHA_BASE_URL',
    'WAHA_PUBLIC_URL',
    'WAHA_API_KEY',
    'WHATSAPP_API_KEY',
    'WAHA_NO_API_KEY',
    'WAHA_API_KEY_EXCLUDE_PATH',
    'WHATSAPP_API_KEY_EXCLUDE_PATH',
    'WAHA_LOG_LEVEL',
    'WAHA_LOG_FORMAT',
    'WAHA_WORKER_ID',
    'WAHA_WORKER_RESTART_SESSIONS',
    'WHATSAPP_RESTART_ALL_SESSIONS',
    'WAHA_RESTART_ALL_SESSIONS',
    'WAHA_AUTO_START_DELAY_SECONDS',
    'WHATSAPP_START_SESSION',
    'WAHA_PRINT_QR',
    'WAHA_CLIENT_DEVICE_NAME',
    'WAHA_CLIENT_BROWSER_NAME',
    'WAHA_LOCAL_STORE_BASE_DIR',
    'WHATSAPP_DOWNLOAD_MEDIA',
    'WAHA_EVENTS_DOWNLOAD_MEDIA',
    'WAHA_EVENTS_DOWNLOAD_MEDIA_MIMETYPES',
    'WAHA_APPS_ENABLED',
    'WAHA_APPS_ON',
    'WAHA_APPS_OFF',
    'WAHA_PROMETHEUS_PATH',
  ),
  ...family('WAHA_SESSION_CONFIG_IGNORE_', 'STATUS GROUPS CHANNELS BROADCAST', 'honoured'),
  ...family('WHATSAPP_HOOK_', 'URL EVENTS HMAC_KEY CUSTOM_HEADERS', 'honoured'),
  ...family('WHATSAPP_HOOK_RETRIES_', 'POLICY DELAY_SECONDS ATTEMPTS', 'honoured'),
  ...family('WHATSAPP_PROXY_SERVER', ' _USERNAME _PASSWORD _LIST _INDEX_PREFIX', 'honoured'),
  ...family('WHATSAPP_FILES_', 'MIMETYPES LIFETIME FOLDER', 'honoured'),
  ...family('WHATSAPP_SWAGGER_', 'ENABLED USERNAME PASSWORD', 'honoured'),
  ...family('WAHA_DASHBOARD_', 'ENABLED USERNAME PASSWORD', 'honoured'),

  ...all(
    always('it only made links to files: set WAHA_BASE_URL to the address that others reach this server by'),
    'WHATSAPP_API_HOSTNAME',
    'WHATSAPP_API_SCHEMA',
  ),
  WHATSAPP_DEFAULT_ENGINE: (value) =>
    value.trim().toUpperCase() === 'NOWEB'
      ? null
      : 'there is the engine NOWEB only; sessions of another engine have to be linked anew',
  WHATSAPP_SESSIONS_POSTGRESQL_URL: always(
    'data are in WAHA_LOCAL_STORE_BASE_DIR: to keep them in PostgreSQL, start with configs/postgres.yaml, which reads this variable',
  ),
  WHATSAPP_SESSIONS_MONGO_URL: always('there is no MongoDB: data are in WAHA_LOCAL_STORE_BASE_DIR, or in PostgreSQL'),
  WAHA_MEDIA_STORAGE: 'honoured',
  WAHA_MEDIA_POSTGRESQL_URL: always(media),
  ...family('WAHA_S3_', 'REGION BUCKET ACCESS_KEY_ID SECRET_ACCESS_KEY ENDPOINT FORCE_PATH_STYLE', 'honoured'),
  WAHA_S3_PROXY_FILES: whenOff(proxied),
  WAHA_API_KEY_PLAIN: always('WAHA_API_KEY alone is enough, also as sha512:<hex>'),
  WAHA_DASHBOARD_NO_PASSWORD: whenOff('without WAHA_DASHBOARD_PASSWORD the dashboard asks for the API key alone'),
  WHATSAPP_SWAGGER_NO_PASSWORD: whenOff('without WHATSAPP_SWAGGER_PASSWORD /swagger is open'),
  ...family(
    'WHATSAPP_SWAGGER_',
    'CONFIG_ADVANCED TITLE DESCRIPTION EXTERNAL_DOC_URL VIDEO_EXAMPLE_URL OPUS_EXAMPLE_URL JPG_EXAMPLE_URL',
    always(swagger),
  ),
  ...family('WAHA_HTTPS_', 'ENABLED PATH_KEY PATH_CERT PATH_CA', always(https)),
  WAHA_HTTP_LOG_LEVEL: always('set `requestLog` of the plugin express to all, failed or none'),
  DEBUG: (value) => (isOn(value) ? 'set WAHA_LOG_LEVEL=debug' : null),
  WAHA_DEBUG_MODE: whenOn('/api/server/debug is always there, for admin keys'),
  ...all(
    always('give each deployment a WAHA_LOCAL_STORE_BASE_DIR of its own'),
    'WAHA_NAMESPACE',
    'WAHA_SESSION_NAMESPACE',
  ),
  WAHA_SQLITE_ENGINE: (value) => (value.trim() === 'sqlite3' ? null : 'there is one driver for SQLite'),
  GODEBUG: always('it is for the engine GOWS, which is not there'),
  WAHA_PRESENCE_AUTO_ONLINE: whenOff('set `noweb.markOnline: false` in the config of the sessions'),
  ...family(
    'WAHA_NOWEB_WA_VERSION',
    ' _FORCE',
    always('set `version` of the plugin baileys; without it the current one is asked for'),
  ),
  ...all(
    always('WAHA_EVENTS_DOWNLOAD_MEDIA and WAHA_EVENTS_DOWNLOAD_MEDIA_MIMETYPES hold for events and the API alike'),
    'WAHA_API_DOWNLOAD_MEDIA',
    'WAHA_API_DOWNLOAD_MEDIA_MIMETYPES',
  ),
  WAHA_PROMETHEUS_ENABLED: whenOff('take the plugin metrics out of the YAML'),
  ...family(
    'WAHA_PROMETHEUS_',
    'METRIC_PREFIX TRACK_EVENTS HTTP_DURATION_BUCKETS',
    always('names and buckets of metrics are fixed'),
  ),
  ...family(
    'WAHA_PROMETHEUS_',
    'USERNAME PASSWORD',
    always('/metrics wants the API key; `access: public` of the plugin metrics opens it'),
  ),
  ...family(
    'WHATSAPP_HEALTH_',
    'MEDIA_FILES_THRESHOLD_MB SESSIONS_FILES_THRESHOLD_MB MONGODB_TIMEOUT',
    always('/health has indicators of its own'),
  ),
  REDIS_URL: always(jobs),
  ...family(
    'WAHA_APPS_JOBS_',
    'CONCURRENCY REMOVE_ON_COMPLETE_AGE REMOVE_ON_COMPLETE_COUNT REMOVE_ON_FAIL_AGE REMOVE_ON_FAIL_COUNT',
    always(jobs),
  ),
  ...all(
    always('files go the way of their session: set WHATSAPP_PROXY_SERVER, or `proxy` of the session'),
    'HTTP_PROXY',
    'HTTPS_PROXY',
    'NO_PROXY',
  ),
  ...all(always('there is no browser'), 'WAHA_WEBJS_PUPPETER_ARGS', 'WAHA_WEBJS_PUPPETEER_ARGS', 'WAHA_ZIPPER'),
};

/** Of this program alone. */
const own = ['WAHA_KEYS_ENCRYPTION_KEY', 'WAHA_MCP_RIGHTS', 'WAHA_CONFIG', 'WAHA_URL', 'WAHA_PASSPHRASE'];

/** Why each variable that is set does not do what it did in WAHA, by name. */
export const unhonoured = (
  env: Readonly<Record<string, string | undefined>>,
  near: (word: string, known: readonly string[]) => string,
): Map<string, string> => {
  const found = new Map<string, string>();
  for (const [name, value = ''] of Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const fate = Object.hasOwn(variables, name) ? variables[name] : undefined;
    const isForeign = fate === undefined && /^(?:WAHA|WHATSAPP)_/.test(name) && !own.includes(name);
    if (value.trim() === '' || fate === 'honoured') continue;
    const advice = isForeign ? `it is not known${near(name, Object.keys(variables))}` : fate?.(value);
    if (advice) found.set(name, advice);
  }
  return found;
};
