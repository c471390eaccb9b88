import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { backUp } from '../../core/cli/remote/back-up.ts';
import { Server } from '../../core/cli/remote/server.ts';
import { restore } from '../../core/cli/restore.ts';
import { configFrom } from '../../core/config/load.ts';
import type { WAMessage } from '../../core/index.ts';
import { type Runtime, startRuntime } from '../../core/runtime.ts';
import { builtins } from '../../plugins/index.ts';
import type { Group } from '../../plugins/sandbox/sandbox.ts';
import { Api } from '../support/api.ts';
import { apiKey, deployment, temporaryFolder } from '../support/deployment.ts';
import { World } from '../support/world.ts';

const numbers = { shop: '4915200019001', ana: '4915200019002', ben: '4915200019003' };
const chatId = `${numbers.ana}@c.us`;
const elsewhere = temporaryFolder();
const file = join(elsewhere.path, 'copy.tgz');
const restored = join(elsewhere.path, 'restored');
const withKeys = (folder: string) => [{ use: 'keys', config: { file: join(folder, 'keys.secret') } }];

let world: World;
let group: Group;
let copy: Runtime | undefined;
/** Texts that the API acknowledged before the backup began. */
const before: string[] = [];
/** What could not be read, by contacts of what the account sent. */
const unreadable = vi.fn();

const server = () => new Server({ url: world.api.url, apiKey });
const say = async (api: Api, text: string, to = chatId): Promise<void> => {
  expect((await api.post('/api/sendText', { session: 'shop', chatId: to, text })).status).toBe(201);
};
const start = (): Promise<Runtime> => {
  const { sandbox, hooks } = world;
  const options = { whatsApp: sandbox.endpoint.url, webhook: hooks.url, plugins: withKeys };
  return startRuntime({ config: configFrom(deployment(restored, options)), builtins });
};

/** Sends one after the other until it is told to stop. */
const load = (): { stop(): Promise<void> } => {
  let isOn = true;
  const done = (async () => {
    for (let count = 1; isOn; count += 1) await say(world.api, `under load ${count}`);
  })();
  return {
    async stop() {
      isOn = false;
      await done;
    },
  };
};

beforeAll(async () => {
  vi.spyOn(console, 'log').mockImplementation(() => undefined);
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  world = await World.start({ plugins: withKeys });
  for (const number of Object.values(numbers)) world.sandbox.phone(number);
  group = world.sandbox.group({ subject: 'Club', owner: numbers.ana, participants: [numbers.shop, numbers.ben] });
  world.sandbox.on('retry-asked', unreadable);
  await world.link('shop', numbers.shop, { noweb: { store: { enabled: true } } });
  await world.api.post('/api/sessions', { name: 'idle', start: false });
  await say(world.api, 'hello');
  await say(world.api, 'hello all', group.jid);
  await world.sandbox.contact(numbers.ana).send(numbers.shop, 'hello back');
});
afterAll(async () => {
  vi.restoreAllMocks();
  await copy?.stop();
  await world?.close();
  elsewhere.remove();
});

describe('a backup of a running server', () => {
  it('is made under load, by one command, for its owner alone', async () => {
    for (let count = 1; count <= 20; count += 1) before.push(`before ${count}`);
    await Promise.all(before.map((text) => say(world.api, text)));
    const sending = load();
    expect(await backUp({ server: server(), place: file }).finally(() => sending.stop())).toBe(0);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    await expect(backUp({ server: server(), place: file })).rejects.toThrow('is there already');
    expect(readdirSync(elsewhere.path)).toEqual(['copy.tgz']);
  });

  it('is for an admin key alone', async () => {
    const { body } = await world.api.post('/api/keys', { isAdmin: false, session: 'shop' });
    const limited = new Server({ url: world.api.url, apiKey: body.key });
    await expect(backUp({ server: limited, place: `${file}.2` })).rejects.toMatchObject({ status: 403 });
  });

  it('leaves the original as it was: it goes on, and a restart keeps its conversations', async () => {
    const before = await world.mark();
    await world.reboot();
    await world.hooks.status('shop', 'WORKING', before);
    for (const text of ['on 1', 'on 2', 'on 3']) {
      await say(world.api, text);
      await say(world.api, `${text}, all`, group.jid);
    }
    await world.sandbox.contact(numbers.ana).send(numbers.shop, 'I heard');
    await world.hooks.next('message', ({ payload }) => (payload as unknown as WAMessage).body === 'I heard');
    await say(world.api, 'on 4');
    await world.sandbox.contact(numbers.ana).waitForMessage(({ text }) => text === 'on 4');
    expect(unreadable).not.toHaveBeenCalled();
  });
});

describe('restoring', () => {
  it('refuses a folder that is not empty, and changes nothing in it', async () => {
    const used = join(elsewhere.path, 'used');
    mkdirSync(used);
    writeFileSync(join(used, 'waha.db'), 'mine');
    await expect(restore({ file, folder: used })).rejects.toThrow(/is not empty \(waha\.db\)/);
    expect(readFileSync(join(used, 'waha.db'), 'utf8')).toBe('mine');
  });

  it('leaves an empty folder when the file is cut, or is none', async () => {
    const cut = join(elsewhere.path, 'cut.tgz');
    writeFileSync(cut, readFileSync(file));
    truncateSync(cut, Math.floor(statSync(file).size / 2));
    const empty = join(elsewhere.path, 'empty');
    await expect(restore({ file: cut, folder: empty })).rejects.toThrow('cannot be restored');
    writeFileSync(cut, 'no archive');
    await expect(restore({ file: cut, folder: empty })).rejects.toThrow('cannot be restored');
    expect(readdirSync(empty)).toEqual([]);
  });

  it('gives a folder that no server starts on while the original runs', async () => {
    expect(await restore({ file, folder: restored })).toBe(0);
    await expect(start()).rejects.toThrow('is a copy of what another server on this machine runs with');
  });

  it('is WORKING without a code, as the same device, with everything that was acknowledged before', async () => {
    const from = await world.mark();
    await world.runtime.stop();
    copy = await start();
    await world.hooks.status('shop', 'WORKING', from);
    expect(world.hooks.statuses('shop').filter((status) => status === 'SCAN_QR_CODE')).toHaveLength(1);
    expect(world.sandbox.phone(numbers.shop).devices()).toHaveLength(1);
    const api = new Api(copy.url ?? '');
    expect((await api.get('/api/sessions/idle')).body.status).toBe('STOPPED');
    const { body } = await api.get(`/api/shop/chats/${chatId}/messages?limit=100`);
    expect((body as WAMessage[]).map((message) => message.body)).toEqual(expect.arrayContaining(before));
  });

  it('never sends with a key that the original may have used, alone and in a group', async () => {
    const api = new Api(copy?.url ?? '');
    const [ana, ben] = [world.sandbox.contact(numbers.ana), world.sandbox.contact(numbers.ben)];
    for (const text of ['again 1', 'again 2', 'again 3']) {
      await say(api, text);
      await say(api, `${text}, all`, group.jid);
      await ana.waitForMessage((message) => message.text === text);
      await ben.waitForMessage((message) => message.text === `${text}, all`);
    }
    expect(unreadable).not.toHaveBeenCalled();
  });

  it('reads what comes, alone and in a group', async () => {
    const ana = world.sandbox.contact(numbers.ana);
    const heard = (text: string) =>
      world.hooks.next('message', ({ payload }) => (payload as unknown as WAMessage).body === text);
    await ana.send(numbers.shop, 'still there?');
    await ana.send(group.jid, 'and all?');
    await Promise.all([heard('still there?'), heard('and all?')]);
  });
});
