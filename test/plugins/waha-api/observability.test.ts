import { afterEach, describe, expect, it } from 'vitest';
import type { Sessions } from '../../../core/index.ts';
import { environment } from '../../../plugins/waha-api/observability.ts';
import { serveApi } from './api.ts';

let api: Awaited<ReturnType<typeof serveApi>>;
afterEach(() => api?.close());

describe('the server', () => {
  it('tells its version, under the old path, too', async () => {
    api = await serveApi({} as Sessions);
    const version = {
      version: '1.2.3',
      engine: 'NOWEB',
      tier: 'CORE',
      browser: null,
      platform: `${process.platform}/${process.arch}`,
      worker: { id: 'worker-1' },
    };
    expect(await api.get('/api/server/version')).toEqual({ status: 200, body: version });
    expect(await api.get('/api/version')).toEqual({ status: 200, body: version });
  });

  it('tells since when it runs', async () => {
    api = await serveApi({} as Sessions);
    const { body } = await api.get('/api/server/status');
    expect(body).toEqual({ startTimestamp: 1_000, uptime: expect.any(Number), worker: { id: 'worker-1' } });
  });

  it('tells its environment', async () => {
    api = await serveApi({} as Sessions);
    expect((await api.get('/api/server/environment')).status).toBe(200);
    expect((await api.get('/api/server/environment?all=true')).body).toHaveProperty('PATH', '***');
  });
});

describe('the environment', () => {
  const variables = {
    WAHA_PRINT_QR: 'true',
    WAHA_API_KEY: 'secret',
    WAHA_BASE_URL: 'https://waha.example',
    WHATSAPP_SWAGGER_PASSWORD: '',
    WHATSAPP_SESSIONS_POSTGRESQL_URL: 'postgres://u:secret@db/waha',
    WHATSAPP_HOOK_CUSTOM_HEADERS: 'Authorization:secret',
    WHATSAPP_PROXY_SERVER_LIST: 'u:secret@a:1',
    DATABASE_URL: 'postgres://u:secret@db/x',
    HOME: '/root',
  };

  it('is that of WAHA, without secrets', () => {
    const shown = environment(variables, false);
    expect(shown).toMatchObject({ WAHA_PRINT_QR: 'true', WAHA_BASE_URL: 'https://waha.example', WAHA_API_KEY: '***' });
    expect(shown).not.toHaveProperty('HOME');
    expect(JSON.stringify(shown)).not.toContain('secret');
  });

  it('shows of all other variables the names alone', () => {
    const shown = environment(variables, true);
    expect(shown).toMatchObject({ HOME: '***', DATABASE_URL: '***' });
    expect(JSON.stringify(shown)).not.toContain('secret');
  });
});
