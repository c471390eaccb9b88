import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { doctor } from '../../core/cli/doctor.ts';
import { showQr } from '../../core/cli/remote/qr.ts';
import { sendText } from '../../core/cli/remote/send.ts';
import { Server } from '../../core/cli/remote/server.ts';
import { showStatus } from '../../core/cli/remote/status.ts';
import { tailEvents } from '../../core/cli/remote/tail.ts';
import { builtins } from '../../plugins/index.ts';
import { runWaha } from '../core/cli/run-waha.ts';
import { apiKey, temporaryFolder } from '../support/deployment.ts';
import { World } from '../support/world.ts';

const numbers = { shop: '4915200008001', ana: '4915200008002' };
const folder = temporaryFolder();
let world: World;
let server: Server;
let printed: string[] = [];

beforeAll(async () => {
  world = await World.start({ plugins: () => [{ use: 'websocket' }] });
  server = new Server({ url: world.api.url, apiKey });
  world.sandbox.phone(numbers.shop);
});
afterAll(async () => {
  await world?.close();
  folder.remove();
});
beforeEach(() => {
  printed = [];
  vi.spyOn(console, 'log').mockImplementation((line) => void printed.push(String(line)));
  vi.spyOn(console, 'error').mockImplementation((line) => void printed.push(String(line)));
  return () => vi.restoreAllMocks();
});

describe('waha, against a running server', () => {
  it('draws the code of a session that it makes, and ends when a phone has scanned it', async () => {
    const drawn: string[] = [];
    const linked = showQr({ server, name: 'shop', interval: 50, write: (text) => void drawn.push(text) });
    await world.hooks.status('shop', 'SCAN_QR_CODE');
    await vi.waitFor(() => expect(drawn.join('\n')).toMatch(/[▄▀█]{10}[\s\S]+scan it with the phone/), 50_000);
    // WhatsApp retires the first code: the new one is drawn with the word to scan once more.
    world.sandbox.phone(numbers.shop).primary.policy = { refresh: { child: 'companion_reg_refresh', times: 1 } };
    await expect(world.scan('shop', numbers.shop)).rejects.toThrow('retired');
    await vi.waitFor(() => expect(drawn.at(-1)).toMatch(/[▄▀█]{10}[\s\S]+once more/), 50_000);
    await world.scan('shop', numbers.shop);
    expect(await linked).toBe(0);
    expect(drawn.at(-1)).toBe(`'shop' is linked to +${numbers.shop}`);
  });

  it('shows events as they happen, in lines or as JSON, those of one session or of one name', async () => {
    const lines: string[] = [];
    const json: string[] = [];
    const stop = new AbortController();
    const { signal } = stop;
    const ends = Promise.all([
      tailEvents({ server, name: 'shop', signal, write: (line) => void lines.push(line) }),
      tailEvents({ server, events: ['message'], json: true, signal, write: (line) => void json.push(line) }),
    ]);
    await vi.waitFor(
      async () => {
        await world.sandbox.contact(numbers.ana).send(numbers.shop, 'one for the tail');
        expect(lines.join('\n')).toMatch(/shop +message +← \d+@\S+: one for the tail/);
        expect(JSON.parse(json[0] ?? '{}')).toMatchObject({ event: 'message', payload: { body: 'one for the tail' } });
      },
      { timeout: 50_000, interval: 500 },
    );
    stop.abort();
    expect(await ends).toEqual([0, 0]);
  });

  it('sends a text to a number as people write it, and says the id', async () => {
    expect(await sendText({ server, name: 'shop', to: '+49 (1520) 000-8002', text: 'hello there' })).toBe(0);
    await world.sandbox.contact(numbers.ana).waitForMessage(({ text }) => text === 'hello there');
    expect(printed[0]).toMatch(/^true_.+_[0-9A-F]{16,}/);
    await expect(sendText({ server, name: 'shop', to: '0152', text: 'x' })).rejects.toThrow('no phone number');
  });

  it('lists sessions with why they do not work', async () => {
    await world.api.post('/api/sessions', { name: 'idle', start: false });
    expect(await showStatus({ server })).toBe(0);
    expect(printed.join('\n')).toMatch(/shop +WORKING +\+4915200008001[\s\S]*idle +STOPPED +-/);
  });

  it('says what to do when the server is not there, the key is wrong, or the session is in another state', async () => {
    const gone = new Server({ url: 'http://127.0.0.1:9', apiKey });
    await expect(showStatus({ server: gone })).rejects.toThrow(
      /no answer from http:\/\/127\.0\.0\.1:9 \(ECONNREFUSED\).+waha start/,
    );
    const keyless = new Server({ url: world.api.url });
    await expect(showStatus({ server: keyless })).rejects.toThrow('WAHA_API_KEY');
    await expect(tailEvents({ server: keyless })).rejects.toThrow('WAHA_API_KEY');
    await expect(tailEvents({ server, path: '/other' })).rejects.toThrow('--path');
    await expect(tailEvents({ server, events: ['mesage'] })).rejects.toThrow(/'mesage' is not an event.*message/);
    await expect(sendText({ server, name: 'idle', to: numbers.ana, text: 'x' })).rejects.toThrow(
      "session 'idle' is STOPPED, not WORKING",
    );
  });
});

describe('waha doctor', () => {
  const look = async (yaml: string, whatsApp: string) => {
    const place = join(folder.path, 'doctor');
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'waha.yaml'), yaml);
    return doctor({ configFile: join(place, 'waha.yaml'), builtins, server, whatsApp });
  };

  it('looks at config, versions, disk, clock, WhatsApp, the server and its webhooks', async () => {
    const whatsApp = createServer((_, response) => response.end());
    await new Promise<void>((resolve) => whatsApp.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(whatsApp.address() as AddressInfo).port}`;
    const yaml = (hook: string) =>
      `plugins: [{ use: express }, { use: waha-api }, { use: sqlite }, { use: baileys }, { use: webhook, config: { url: "${hook}" } }]\n` +
      'network: { allow: { cidrs: [127.0.0.0/8] } }\n';
    expect(await look(yaml(`${url}/hook`), url)).toBe(0);
    const said = printed.join('\n');
    expect(said).toMatch(/^ok +waha-runtime \S+, Node \S+, Baileys 7/m);
    expect(said).toMatch(/MB are free in/);
    expect(said).toMatch(/ok +the clock differs from WhatsApp's by \d+ s/);
    expect(said).toMatch(/runs with 2 sessions/);
    expect(said).toMatch(/the webhook at http:\/\/127\.0\.0\.1:\d+\/hook answers/);
    whatsApp.close();
    printed = [];
    expect(await look(yaml('http://127.0.0.1:9/hook'), url)).toBe(1);
    expect(printed.join('\n')).toMatch(/FAULT +http:\/\/127\S+ cannot be reached: ECONN\w+/);
    expect(printed.join('\n')).toMatch(/FAULT +the webhook at http:\/\/127\.0\.0\.1:9\/hook does not answer/);
    printed = [];
    expect(await look('plugins: [{ use: expres }]\n', url)).toBe(1);
    expect(printed.join('\n')).toMatch(/FAULT +.+did you mean 'express'/);
  });
});

describe('waha init', () => {
  it('writes a config that is right and a key that only its owner can read, and leaves what is there', async () => {
    const place = join(folder.path, 'new');
    mkdirSync(place);
    const first = await runWaha(['init', '--yes', '--sandbox', '--port', '3456'], place).finished;
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('npx waha start') });
    expect(statSync(join(place, 'waha.key')).mode & 0o777).toBe(0o600);
    const yaml = readFileSync(join(place, 'waha.config.yaml'), 'utf8');
    expect(yaml).toContain('3456');
    expect(yaml).not.toContain(readFileSync(join(place, 'waha.key'), 'utf8').trim());
    expect(await runWaha(['check'], place).finished).toMatchObject({ code: 0 });
    const again = await runWaha(['init', '--yes'], place).finished;
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('is there already') });
    expect(readFileSync(join(place, 'waha.config.yaml'), 'utf8')).toBe(yaml);
  });

  it('completes commands and options in three shells', async () => {
    const scripts = await Promise.all(
      ['bash', 'zsh', 'fish'].map((shell) => runWaha(['completion', shell], folder.path).finished),
    );
    for (const { code, stdout } of scripts) {
      expect(code).toBe(0);
      for (const word of ['import', 'doctor', 'replay', 'passphrase']) expect(stdout).toContain(word);
    }
    const script = join(folder.path, 'completion.sh');
    writeFileSync(script, `${scripts[0]?.stdout}\nCOMP_WORDS=(waha ex); COMP_CWORD=1; _waha; echo "\${COMPREPLY[@]}"`);
    const { execFileSync } = await import('node:child_process');
    expect(execFileSync('bash', [script], { encoding: 'utf8' })).toContain('export');
  });
});
