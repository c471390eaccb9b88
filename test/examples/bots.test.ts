import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiKey } from '../support/deployment.ts';
import { World } from '../support/world.ts';

const folder = fileURLToPath(new URL('../../examples/bots', import.meta.url));
const phone = '4915200006001';
const has = (command: string): boolean => spawnSync(command, ['--version']).status === 0;

let world: World;
const bots: ChildProcess[] = [];
beforeAll(async () => {
  world = await World.start();
  world.sandbox.phone(phone);
});
afterAll(async () => {
  for (const bot of bots) bot.kill();
  await world?.close();
});

/** Starts a bot as docs/first-bot.md says, and resolves with the port that it listens on. */
const start = (command: string, file: string): Promise<string> => {
  const env = { ...process.env, WAHA_URL: world.api.url, WAHA_API_KEY: apiKey, PORT: '0' };
  const bot = spawn(command, [join(folder, file)], { env });
  bots.push(bot);
  return new Promise((resolve, reject) => {
    bot.stdout?.on('data', (chunk) => {
      const [, port] = /listening on (\d+)/.exec(String(chunk)) ?? [];
      if (port) resolve(port);
    });
    bot.once('exit', () => reject(new Error(`${file} ended`)));
  });
};

describe('the bots of docs/first-bot.md', () => {
  it.each([
    ['Node', process.execPath, 'bot.mjs', '4915200006002'],
    ['Python', 'python3', 'bot.py', '4915200006003'],
  ])('in %s answers a message over the real server', async (language, command, file, number) => {
    if (!has(command)) return console.warn(`${language} is not here: its bot is not tried`);
    const url = `http://127.0.0.1:${await start(command, file)}/`;
    const config = { webhooks: [{ url, events: ['message'] }] };
    if (language === 'Node') await world.link('bots', phone, config);
    else await world.api.put('/api/sessions/bots', { config });
    const contact = world.sandbox.contact(number);
    await contact.send(phone, 'ping');
    await contact.waitForMessage(({ text }) => text === 'pong');
  });

  it('as a flow of n8n call what the server has', () => {
    const { nodes, connections } = JSON.parse(readFileSync(join(folder, 'n8n-flow.json'), 'utf8'));
    const names = nodes.map(({ name }: { name: string }) => name);
    expect(Object.keys(connections).every((name) => names.includes(name))).toBe(true);
    expect(nodes.at(-1).parameters.url).toContain('/api/sendText');
  });
});
