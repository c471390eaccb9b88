import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { showQr } from '../../core/cli/remote/qr.ts';
import { Server } from '../../core/cli/remote/server.ts';
import { configFrom } from '../../core/config/load.ts';
import { type Runtime, startRuntime } from '../../core/runtime.ts';
import { RecordingLog } from '../../core/testing/recording-log.ts';
import { builtins } from '../../plugins/index.ts';
import { Api } from '../support/api.ts';
import { apiKey, deployment, temporaryFolder } from '../support/deployment.ts';
import { freePort } from '../support/free-port.ts';

const log = new RecordingLog();
const said = (): string => log.lines.map(({ message }) => message).join('\n');
const folder = temporaryFolder();
let runtime: Runtime;
let api: Api;

beforeAll(async () => {
  const port = await freePort();
  const whatsApp = `ws://127.0.0.1:${port}/ws/chat`;
  const timings = { qrWait: 100, backoffBase: 60_000, backoffSlow: 60_000 };
  const yaml = deployment(folder.path, { whatsApp, webhook: 'http://localhost:9/', timings });
  const plugins = yaml.plugins.filter(({ use }) => use !== 'webhook');
  runtime = await startRuntime({ config: configFrom({ ...yaml, plugins }), builtins, log });
  api = new Api(runtime.url ?? '');
});
afterAll(async () => {
  await runtime?.stop();
  folder.remove();
});

describe('a WhatsApp that cannot be reached', () => {
  it('is said in one line with its host, the fault, the attempt and the next try', async () => {
    await api.post('/api/sessions', { name: 'shop' });
    const line = /not connected: network \(.*127\.0\.0\.1:\d+.*\); attempt 1 failed, the next one in [\d.]+ s/;
    await vi.waitFor(() => expect(said()).toMatch(line), 50_000);
    expect(said()).toContain('ECONNREFUSED');
  });

  it('is why there is no code, and the answer says it, and when it is tried again', async () => {
    for (const ask of [
      () => api.get('/api/shop/auth/qr'),
      () => api.post('/api/shop/auth/request-code', { phoneNumber: '4915200007001' }),
    ]) {
      const { status, body } = await ask();
      expect(status).toBe(422);
      expect(body).toMatchObject({ status: 'STARTING', expected: ['SCAN_QR_CODE'], reason: 'network' });
      expect(body).toMatchObject({ attempt: expect.any(Number), nextRetryAt: expect.any(Number) });
    }
    const sent = await api.post('/api/sendText', { session: 'shop', chatId: '4915200007002@c.us', text: 'x' });
    expect(sent).toMatchObject({ status: 422, body: { reason: 'network' } });
  });
});

describe('waha qr', () => {
  it('says why there is no code and when the next attempt is made', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const lines: string[] = [];
    const server = new Server({ url: runtime.url ?? '', apiKey });
    const ends = showQr({ server, name: 'shop', interval: 50, write: (line) => void lines.push(line) });
    const wanted = /^not connected to WhatsApp: network \(attempt \d+, next try at \S/;
    await vi.waitFor(() => expect(lines).toEqual([expect.stringMatching(wanted)]), 50_000);
    await api.post('/api/sessions/shop/stop');
    expect(await ends).toBe(1);
    expect(error).toHaveBeenCalledWith(expect.stringMatching(/^'shop' is STOPPED/));
    error.mockRestore();
  });
});

describe('webhooks of a session', () => {
  it('are refused while no plugin delivers them', async () => {
    const config = { webhooks: [{ url: 'http://localhost:9/hook', events: ['message'] }] };
    const created = await api.post('/api/sessions', { name: 'hooked', config });
    expect(created).toMatchObject({ status: 400, body: { message: [expect.stringContaining('- use: webhook')] } });
    expect((await api.put('/api/sessions/shop', { config })).status).toBe(400);
  });
});
