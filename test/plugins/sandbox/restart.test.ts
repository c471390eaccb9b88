import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import { downloadMediaMessage } from '@whiskeysockets/baileys';
import { Agent } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { memoryState, type Sandbox, type SandboxState } from '../../../plugins/sandbox/sandbox.ts';
import { storedState } from '../../../plugins/sandbox/state/stored-state.ts';
import { lidJid } from '../../../plugins/sandbox/wire/jids.ts';
import { Client, link, type Memory, memory, sandboxForTests } from './support.ts';

const PHONE = '5511999990001';
const ANA = '5511888880001';

describe('a sandbox that is started again on its state', () => {
  const state = memoryState();
  let sandbox: Sandbox;
  let auth: Memory;
  let client: Client;
  const clients: Client[] = [];

  const connect = (credentials = auth): Client => {
    const made = new Client(sandbox, credentials);
    clients.push(made);
    return made;
  };
  const login = async (): Promise<void> => {
    client = connect();
    await client.opened();
  };
  /** Ends everything; the next sandbox knows only what is in the state. */
  const restart = async (meanwhile: (sandbox: Sandbox) => Promise<void> = async () => undefined): Promise<void> => {
    await client.close();
    await meanwhile(sandbox);
    await sandbox.close();
    sandbox = await sandboxForTests({ state });
  };

  beforeAll(async () => {
    sandbox = await sandboxForTests({ state });
    sandbox.phone(PHONE, { name: 'Maria' });
    ({ auth, client } = await link(sandbox, PHONE));
    await client.until('creds.update', ({ accountSyncCounter }) => accountSyncCounter);
  });
  afterEach(() => sandbox.faults.clear());
  afterAll(async () => {
    await Promise.all([client, ...clients].map((one) => one.close()));
    await sandbox.close();
  });

  it('lets a linked device log in without a QR code', async () => {
    const { presence: _, logins = 0, ...before } = sandbox.phone(PHONE).devices()[0] ?? {};
    await restart();
    await login();
    expect(sandbox.phones()).toMatchObject([{ number: PHONE, name: 'Maria' }]);
    expect(sandbox.phone(PHONE).devices()).toMatchObject([{ ...before, online: true, logins: logins + 1 }]);
    expect(sandbox.stats()).toMatchObject({ links: 0, registrations: 0, refusedLogins: 0 });
  });

  it('knows profiles, blocked numbers, and what was archived', async () => {
    const jid = `${ANA}@s.whatsapp.net`;
    const full = Buffer.from('ffd8ffe0', 'hex');
    await restart(async (old) => {
      await old.contact(ANA).setPicture({ full });
      old.contact(ANA).profile.describe('away', 1000);
      old.phone(PHONE).account.block(ANA);
      await old.phone(PHONE).account.change({ archive: true, lastMessages: [] }, jid);
    });
    await login();
    const { about, picture } = sandbox.contact(ANA).profile;
    expect([about, picture?.full.equals(full)]).toEqual(['away', true]);
    expect(await client.socket.fetchBlocklist()).toEqual([lidJid(ANA)]);
    expect(await client.socket.profilePictureUrl(jid)).toContain(`/${picture?.id}_preview.jpg`);
    const entries = await sandbox.phone(PHONE).account.entries();
    expect(entries.find(({ index }) => index[0] === 'archive')?.action?.archiveChatAction?.archived).toBe(true);
    await client.socket.chatModify({ pin: true }, jid);
    expect((await sandbox.phone(PHONE).account.entries()).map(({ index }) => index[0])).toContain('pin_v1');
    sandbox.phone(PHONE).account.block(ANA, false);
  });

  it('delivers what waited', async () => {
    await restart(async (old) => {
      const ana = old.contact(ANA, { name: 'Ana' });
      await ana.send(PHONE, 'first');
      await ana.send(PHONE, 'second');
    });
    expect(sandbox.deliveries(PHONE)).toMatchObject([{ handedOver: 0 }, { handedOver: 0 }]);
    await login();
    expect(await client.text('first')).toMatchObject({ type: 'append' });
    await client.text('second');
    await settled(sandbox);
    expect(sandbox.deliveries(PHONE)).toMatchObject([{ retries: 0, outcome: 'receipt' }, { outcome: 'receipt' }]);
  });

  it('goes on in the sessions of its contacts, both ways', async () => {
    const ana = sandbox.contact(ANA);
    const opening = await client.socket.sendMessage(ana.jid, { text: 'opens' });
    await ana.waitForMessage(({ text }) => text === 'opens');
    await (await ana.send(PHONE, 'answers')).delivered;
    await client.status(opening?.key.id ?? '', 3);
    await restart();
    await login();
    const again = sandbox.contact(ANA);
    expect(again).toMatchObject({ name: 'Ana', lid: ana.lid });
    expect(again.inbox.map(({ text }) => text)).toEqual(['opens']);
    const stock = (): number | undefined => sandbox.phone(PHONE).devices()[0]?.preKeys;
    const before = stock();
    const sent = await again.send(PHONE, 'after the restart');
    expect(stock()).toBe(before);
    await client.text('after the restart');
    await sent.delivered;
    expect(sent.deliveries).toMatchObject([{ handedOver: 1, retries: 0, outcome: 'receipt' }]);
    const answer = await client.socket.sendMessage(again.jid, { text: 'welcome back' });
    const got = await again.waitForMessage(({ text }) => text === 'welcome back');
    expect(got).toMatchObject({ id: answer?.key.id, chat: again.jid });
    expect(await client.status(answer?.key.id ?? '', 3)).toBe(3);
    again.read(answer?.key.id ?? '');
    expect(await client.status(answer?.key.id ?? '', 4)).toBe(4);
    expect(again.inbox).toHaveLength(2);
  });

  it('writes anew what waited and cannot be decrypted', async () => {
    await restart(async (old) => void (await old.contact(ANA).send(PHONE, 'damaged after the restart')));
    sandbox.faults.set({ kind: 'garble', phone: PHONE, times: 1 });
    await login();
    await client.text('damaged after the restart');
    await settled(sandbox);
    expect(sandbox.deliveries(PHONE)).toMatchObject([{ handedOver: 2, retries: 1, outcome: 'receipt' }]);
  });

  it('knows its groups and their keys', async () => {
    const group = sandbox.group({ subject: 'Friends', owner: ANA, participants: [PHONE] });
    group.describe(ANA, 'What it is for');
    await (await sandbox.contact(ANA).send(group.jid, 'before')).delivered;
    await client.socket.sendMessage(group.jid, { text: 'key first' });
    await sandbox.contact(ANA).waitForMessage(({ text }) => text === 'key first');
    await restart(async (old) => void (await old.contact(ANA).send(group.jid, 'while away')));
    await login();
    await client.text('while away');
    const metadata = await client.socket.groupMetadata(group.jid);
    expect(metadata).toMatchObject({ subject: 'Friends', desc: 'What it is for', size: 2 });
    await client.socket.sendMessage(group.jid, { text: 'without a key' });
    await sandbox.contact(ANA).waitForMessage(({ text }) => text === 'without a key');
    expect(sandbox.contact(ANA).inbox.at(-1)).toMatchObject({ encryption: 'skmsg', chat: group.jid });
    const sent = await sandbox.contact(ANA).send(group.jid, 'with the old key');
    await sent.delivered;
    expect(sent.deliveries).toMatchObject([{ retries: 0 }]);
  });

  it('serves files that wait', async () => {
    await restart(async (old) => {
      const file = { kind: 'image', bytes: Buffer.from('pixels'), mimetype: 'image/png' } as const;
      await old.contact(ANA).sendMedia(PHONE, { ...file, caption: 'see' });
    });
    await login();
    const message = await client.until('messages.upsert', ({ messages }) =>
      messages.find((one) => one.message?.imageMessage),
    );
    const dispatcher = new Agent({ connect: { ca: sandbox.endpoint.ca } });
    // undici's own extension of fetch, which its types do not know.
    const options = { dispatcher } as unknown as RequestInit;
    expect((await downloadMediaMessage(message, 'buffer', { options })).toString()).toBe('pixels');
    await dispatcher.close();
  });

  it('knows its channels, who follows them and what was posted', async () => {
    const news = sandbox.channels.create({ name: 'News', owner: ANA, followers: [PHONE] });
    const { id, serverId } = news.post(ANA, 'Rain');
    news.react(PHONE, serverId, '☔');
    sandbox.channels.accept(PHONE);
    await restart();
    const kept = sandbox.channels.find(news.inviteCode);
    expect(kept).toMatchObject({ jid: news.jid, createdAt: news.createdAt, options: { name: 'News' } });
    expect([...(kept?.members ?? [])]).toEqual([...news.members]);
    expect(kept?.posts).toMatchObject([{ id, serverId, message: { conversation: 'Rain' } }]);
    expect([...(kept?.posts[0]?.reactions ?? [])]).toEqual([[PHONE, '☔']]);
    expect(sandbox.channels.accepted.has(PHONE)).toBe(true);
    await login();
  });

  it('remembers names, how contacts behave and who is not on WhatsApp', async () => {
    await sandbox.phone(PHONE).rename('Nova');
    await client.until('creds.update', ({ me }) => me?.name === 'Nova');
    sandbox.contact(ANA).reads = true;
    sandbox.contact(ANA).addressing = 'lid';
    sandbox.absent('5511777770000');
    sandbox.phone(PHONE).standing.lock({ active: true, silent: true });
    await restart();
    expect(sandbox.phone(PHONE).standing.timelock).toEqual({ is_active: true });
    expect(sandbox.phone(PHONE).name).toBe('Nova');
    expect(sandbox.contact(ANA)).toMatchObject({ reads: true, confirms: true, addressing: 'lid' });
    await login();
    const found = await client.socket.onWhatsApp(ANA, '5511777770000');
    expect(found?.map(({ jid }) => jid)).toEqual([`${ANA}@s.whatsapp.net`]);
    await sandbox.phone(PHONE).rename('Nova again');
    await client.until('creds.update', ({ me }) => me?.name === 'Nova again');
  });

  it('remembers how linking goes for an account, and what is left of it', async () => {
    const refresh = { child: 'companion_reg_refresh', times: 2 } as const;
    await restart(async (old) => {
      old.phone('5511999990009').primary.policy = { refresh, passkey: { options: 'asked' } };
      old.phone('5511999990008').primary.policy = { silent: true };
      old.phone('5511999990008').primary.policy = {};
    });
    await login();
    const { primary } = sandbox.phone('5511999990009');
    expect(primary.policy).toEqual({ refresh, passkey: { options: 'asked' } });
    expect(sandbox.phone('5511999990008').primary.policy).toEqual({});
    const unlinked = new Client(sandbox, memory());
    clients.push(unlinked);
    await expect(primary.scan(await unlinked.qr())).rejects.toThrow('retired');
    await restart();
    await login();
    expect(sandbox.phone('5511999990009').primary.policy.refresh).toEqual({ ...refresh, times: 1 });
  });

  it('lets contacts change what they sent before, sealed', async () => {
    const { id } = await sandbox.contact(ANA).send(PHONE, 'as it was');
    await client.text('as it was');
    await restart();
    await login();
    const edited = await sandbox.contact(ANA).edit(PHONE, id, 'as it is');
    const secret = await client.until('messages.upsert', ({ messages }) =>
      messages.find(({ key }) => key.id === edited.id),
    );
    expect(secret.message?.secretEncryptedMessage?.targetMessageKey?.id).toBe(id);
    await expect(sandbox.contact(ANA).edit(PHONE, 'unknown', 'x')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('has a device on record before the client hears that it is linked', async () => {
    const fresh = memory();
    const first = connect(fresh);
    const qr = await first.qr();
    const linking = first.until('connection.update', ({ isNewLogin }) => isNewLogin);
    const scanned = sandbox.phone('5511999990002').scan(qr);
    scanned.catch(() => undefined);
    await linking;
    const rows = await state.load();
    expect(rows.filter(({ kind }) => kind === 'device').map(({ id }) => id)).toContain('5511999990002:1');
    await scanned;
  });

  it('knows that a device was unlinked', async () => {
    sandbox.phone(PHONE).unlink();
    expect(await client.closed()).toBe(401);
    await restart();
    expect(sandbox.phone(PHONE).devices()).toEqual([]);
    expect(await connect().closed()).toBe(401);
    const other = await link(sandbox, PHONE);
    clients.push(other.client);
    expect(other.phone.devices()).toMatchObject([{ id: 2 }]);
  });
});

describe('the state of a sandbox', () => {
  it('is loaded before the first client is let in', async () => {
    const port = await freePort();
    const knocks: string[] = [];
    const state: SandboxState = {
      load: async () => {
        knocks.push(await knock(port));
        return [];
      },
      save: async () => undefined,
    };
    const sandbox = await sandboxForTests({ state, port });
    knocks.push(await knock(port));
    expect(knocks).toEqual(['ECONNREFUSED', 'in']);
    await sandbox.close();
  });

  it('is kept in a database of the deployment', async () => {
    const state = await storedState(memoryDatabase());
    await state.save([
      { kind: 'person', id: PHONE, value: '{}' },
      { kind: 'person', id: ANA, value: '{}' },
    ]);
    await state.save([
      { kind: 'person', id: PHONE, value: null },
      { kind: 'phone', id: PHONE, value: 'true' },
    ]);
    expect(await state.load()).toEqual([
      { kind: 'person', id: ANA, value: '{}' },
      { kind: 'phone', id: PHONE, value: 'true' },
    ]);
  });

  it('is written again after a failure', async () => {
    const kept = memoryState();
    let isDown = true;
    const save: SandboxState['save'] = async (rows) => {
      if (isDown) throw new Error('the disk is full');
      await kept.save(rows);
    };
    const sandbox = await sandboxForTests({ state: { load: kept.load, save } });
    sandbox.contact(ANA);
    await expect(sandbox.kept()).rejects.toThrow('the disk is full');
    isDown = false;
    await sandbox.close();
    expect((await kept.load()).map(({ kind }) => kind).sort()).toEqual(['contact', 'media', 'person']);
  });

  it('refuses a linking that cannot be kept', async () => {
    const save = async (): Promise<void> => {
      throw new Error('the disk is full');
    };
    const sandbox = await sandboxForTests({ state: { load: async () => [], save } });
    const client = new Client(sandbox, memory());
    await expect(sandbox.phone(PHONE).scan(await client.qr())).rejects.toThrow('the disk is full');
    expect(sandbox.phone(PHONE).devices()).toEqual([]);
    expect(client.auth.creds.me).toBeUndefined();
    await client.close();
    await sandbox.close().catch(() => undefined);
  });

  it('forgets what was confirmed', async () => {
    const state = memoryState();
    const sandbox = await sandboxForTests({ state });
    const { client } = await link(sandbox, PHONE);
    const sent = await sandbox.contact(ANA).send(PHONE, 'hello');
    await sandbox.kept();
    await sent.delivered;
    await client.until('creds.update', ({ accountSyncCounter }) => accountSyncCounter);
    await settled(sandbox);
    await client.close();
    await sandbox.close();
    expect((await state.load()).filter(({ kind }) => kind === 'parcel')).toEqual([]);
  });
});

/** Until no message waits for a confirmation any more. */
async function settled(sandbox: Sandbox): Promise<void> {
  while (sandbox.deliveries().some(({ settledAt }) => settledAt === undefined)) await sandbox.next('settled');
}

/** A port that nobody listens on at present. */
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};

/** `in`, or why nobody opens. */
const knock = (port: number): Promise<string> =>
  new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('error', ({ code = '' }: NodeJS.ErrnoException) => resolve(code));
    socket.once('connect', () => {
      socket.destroy();
      resolve('in');
    });
  });
