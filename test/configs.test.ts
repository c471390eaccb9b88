import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { schemaText } from '../core/cli/write-schema.ts';
import { loadConfig } from '../core/config/load.ts';
import { loadPlugins } from '../core/host/load-plugins.ts';
import { builtins } from '../plugins/index.ts';
import { runWaha } from './core/cli/run-waha.ts';
import { hasPostgres, PostgresServer } from './support/postgres.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const data = mkdtempSync(join(tmpdir(), 'waha-configs-'));
let server: PostgresServer | undefined;
beforeAll(async () => {
  if (hasPostgres) server = await PostgresServer.start();
});
afterAll(async () => {
  await server?.close();
  rmSync(data, { recursive: true });
});

/** What keeps its data in PostgreSQL. */
const onServer = new Set(['configs/postgres.yaml', 'configs/cluster.yaml']);

const deployments = [
  'waha.config.yaml',
  ...readdirSync(join(root, 'configs'))
    .filter((name) => name.endsWith('.yaml') && (hasPostgres || !onServer.has(`configs/${name}`)))
    .map((name) => `configs/${name}`),
];

describe('the ready deployments', { concurrent: true }, () => {
  it.each(deployments)('%s starts, answers and stops', async (file) => {
    const running = runWaha(['start', '--config', file], root, {
      WHATSAPP_API_PORT: '0',
      WAHA_API_KEY: 'a-key',
      WAHA_LOCAL_STORE_BASE_DIR: join(data, file),
      WHATSAPP_SESSIONS_POSTGRESQL_URL: server?.url ?? '',
    });
    const [, url] = await running.line(/is ready on (http:\S+)/);
    const status = async (path: string, key: string): Promise<number> =>
      (await fetch(`${url}${path}`, { headers: { 'x-api-key': key } })).status;
    expect(await (await fetch(`${url}/ping`)).json()).toEqual({ message: 'pong' });
    expect(await status('/api/sessions', 'a-key')).toBe(200);
    expect(await status('/api/sessions', 'another')).toBe(401);
    expect(readdirSync(join(data, file)).length).toBeGreaterThan(0);
    running.child.kill('SIGTERM');
    expect(await running.finished).toMatchObject({ code: 0, stderr: '' });
  });

  it.each(deployments)('%s takes WHATSAPP_API_PORT, WAHA_API_KEY and WAHA_LOCAL_STORE_BASE_DIR', (file) => {
    const env = { WHATSAPP_API_PORT: '4321', WAHA_API_KEY: '12345', WAHA_LOCAL_STORE_BASE_DIR: '/data' };
    const { value } = loadConfig(join(root, file), { env });
    const configs = value.plugins.map(({ config }) => config as Record<string, unknown> | undefined);
    expect(configs.find((config) => config?.['port'] !== undefined)).toMatchObject({ port: '4321', apiKey: '12345' });
    const folders = configs.flatMap((config) => (config?.['folder'] === undefined ? [] : [config['folder']]));
    expect(folders.every((folder) => folder === '/data' || folder === '/data/files')).toBe(true);
    expect(folders).toContain(onServer.has(file) ? '/data/files' : '/data');
  });
});

describe('configs/waha-env.yaml', () => {
  const env = {
    WHATSAPP_API_PORT: '4000',
    WAHA_BASE_URL: 'https://wa.example.org/',
    WAHA_API_KEY: '12345',
    WAHA_NO_API_KEY: 'False',
    WAHA_API_KEY_EXCLUDE_PATH: 'health,api/files/*',
    WAHA_LOG_LEVEL: 'debug',
    WAHA_LOG_FORMAT: 'JSON',
    WAHA_PRINT_QR: 'False',
    WAHA_WORKER_ID: 'worker-1',
    WAHA_WORKER_RESTART_SESSIONS: 'false',
    WHATSAPP_START_SESSION: 'sales,support',
    WAHA_CLIENT_DEVICE_NAME: 'Desk',
    WAHA_CLIENT_BROWSER_NAME: 'Firefox',
    WAHA_SESSION_CONFIG_IGNORE_STATUS: 'true',
    WAHA_SESSION_CONFIG_IGNORE_GROUPS: '1',
    WAHA_SESSION_CONFIG_IGNORE_CHANNELS: 'false',
    WHATSAPP_HOOK_URL: 'http://n8n:5678/hook',
    WHATSAPP_HOOK_EVENTS: 'message, session.status',
    WHATSAPP_HOOK_HMAC_KEY: '777',
    WHATSAPP_HOOK_RETRIES_POLICY: 'exponential',
    WHATSAPP_HOOK_RETRIES_DELAY_SECONDS: '3',
    WHATSAPP_HOOK_RETRIES_ATTEMPTS: '5',
    WHATSAPP_HOOK_CUSTOM_HEADERS: 'X-A:1;X-B:2',
    WHATSAPP_DOWNLOAD_MEDIA: 'False',
    WHATSAPP_FILES_MIMETYPES: 'audio,image/png',
    WHATSAPP_RESTART_ALL_SESSIONS: 'True',
    WAHA_AUTO_START_DELAY_SECONDS: '2',
    WHATSAPP_FILES_LIFETIME: '0',
    WHATSAPP_FILES_FOLDER: '/files',
    WHATSAPP_PROXY_SERVER_LIST: 'a:1,b:2',
    WHATSAPP_PROXY_SERVER_INDEX_PREFIX: 'proxy-',
    WHATSAPP_PROXY_SERVER_USERNAME: 'user',
    WHATSAPP_PROXY_SERVER_PASSWORD: '000',
    WHATSAPP_SWAGGER_ENABLED: 'true',
    WHATSAPP_SWAGGER_USERNAME: 'admin',
    WHATSAPP_SWAGGER_PASSWORD: '123',
  };
  const load = (variables: Record<string, string>) =>
    loadConfig(join(root, 'configs/waha-env.yaml'), { env: variables });
  const pluginConfigs = async (variables: Record<string, string>): Promise<Record<string, unknown>> => {
    const { entries, failed } = await loadPlugins(load(variables), builtins);
    expect(failed).toEqual([]);
    return Object.fromEntries(entries.map(({ name, config }) => [name, config]));
  };

  it("puts WAHA's variables where they belong, with their types", async () => {
    expect(load(env).value).toMatchObject({
      log: { level: 'debug', format: 'json' },
      worker: { id: 'worker-1', restartSessions: false, restartAll: true, startDelaySeconds: 2 },
      session: {
        printQr: false,
        client: { deviceName: 'Desk', browserName: 'Firefox' },
        ignore: { status: true, groups: true, channels: false },
      },
      sessions: [{ name: 'sales' }, { name: 'support' }],
    });
    expect(await pluginConfigs(env)).toMatchObject({
      express: {
        port: 4000,
        host: '0.0.0.0',
        baseUrl: 'https://wa.example.org/',
        apiKey: '12345',
        noApiKey: false,
        apiKeyExcludePaths: ['health', 'api/files/*'],
        swagger: { enabled: true, username: 'admin', password: '123' },
      },
      files: { download: false, mimetypes: ['audio', 'image/png'], lifetimeSeconds: 0, folder: '/files' },
      proxy: { list: 'a:1,b:2', indexPrefix: 'proxy-', username: 'user', password: '000' },
      webhook: {
        url: 'http://n8n:5678/hook',
        events: ['message', 'session.status'],
        hmac: { key: '777' },
        retries: { policy: 'exponential', delaySeconds: 3, attempts: 5 },
        customHeaders: 'X-A:1;X-B:2',
      },
    });
  });

  it('needs none of them, and takes the older names', async () => {
    expect((await pluginConfigs({}))['webhook']).not.toHaveProperty('url');
    expect((await pluginConfigs({}))['files']).toMatchObject({ download: true, mimetypes: [], lifetimeSeconds: 180 });
    expect(await pluginConfigs({ PORT: '80', WHATSAPP_API_KEY: 'old' })).toMatchObject({
      express: { port: 80, apiKey: 'old' },
    });
  });
});

describe('configs/schema.json', () => {
  const checkedIn = readFileSync(join(root, 'configs/schema.json'), 'utf8');

  it('is what `npm run schema` writes', async () => {
    expect(checkedIn).toBe(await schemaText(builtins));
  });

  const ajv = new Ajv({ strict: false, allErrors: true });
  formats.default(ajv);
  const validate = ajv.compile(JSON.parse(checkedIn) as object);
  const faults = (value: unknown): string[] => {
    validate(value);
    return (validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);
  };

  it.each(deployments)('accepts %s, placeholders and all', (file) => {
    expect(faults(parse(readFileSync(join(root, file), 'utf8')))).toEqual([]);
  });

  it("knows each built-in plugin's config, and lets others be", () => {
    const config = { port: 'many' };
    expect(faults({ plugins: [{ use: 'express', config }] })).toContain('/plugins/0/config/port anyOf');
    expect(faults({ plugins: [{ use: 'express', config: { prot: 1 } }] })).toContain(
      '/plugins/0/config additionalProperties',
    );
    expect(faults({ plugins: [{ use: './mine.ts', config }] })).toEqual([]);
  });
});
