import type { UserFacingSocketConfig } from '@whiskeysockets/baileys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../../plugins/sandbox/sandbox.ts';
import { Client, link, type Memory, memory, sandboxForTests } from '../support.ts';

describe('linking a device', () => {
  let sandbox: Sandbox;
  const clients: Client[] = [];
  const connect = (auth: Memory, options?: Partial<UserFacingSocketConfig>): Client => {
    const client = new Client(sandbox, auth, options);
    clients.push(client);
    return client;
  };

  beforeAll(async () => {
    sandbox = await sandboxForTests();
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await sandbox.close();
  });

  it('links by QR code, hangs up with 515 and lets the device log in', async () => {
    const phone = sandbox.phone('5511999990001', { name: 'Maria' });
    const auth = memory({ ownKeys: true });
    const first = connect(auth, { browser: ['Windows', 'Edge', '10'], syncFullHistory: false });
    const device = await phone.scan(await first.qr());
    expect(device).toMatchObject({ id: 1, os: 'Windows', platformType: 'EDGE', requireFullSync: false, online: false });
    await first.until('connection.update', ({ isNewLogin }) => isNewLogin);
    expect(await first.closed()).toBe(515);
    expect(auth.creds.me).toMatchObject({ id: '5511999990001:1@s.whatsapp.net' });

    const second = connect(auth);
    await second.opened();
    expect(phone.devices()).toMatchObject([{ id: 1, online: true, logins: 1, preKeys: 811 }]);
    expect(auth.creds.me?.lid).toBe(`${phone.lid.split('@')[0]}:1@lid`);
  });

  it('sends keys and an empty history after the first login, which ends the wait and tells the name', async () => {
    const { client, auth } = await link(sandbox, '5511999990002');
    clients.push(client);
    await client.until('creds.update', ({ accountSyncCounter }) => accountSyncCounter);
    expect(auth.creds.myAppStateKeyId).toBeDefined();
    expect(auth.creds.me?.name).toBe(sandbox.phone('5511999990002').name);
    await sandbox.phone('5511999990002').rename('Nova');
    await client.until('creds.update', ({ me }) => me?.name === 'Nova');
  });

  it('links by pairing code', async () => {
    const auth = memory();
    const first = connect(auth);
    await first.qr();
    const asked = sandbox.next('pairing-code');
    const code = await first.socket.requestPairingCode('5511999990003', 'ABCD1234');
    expect(await asked).toEqual({ phone: '5511999990003', display: 'Chrome (Mac OS)' });
    expect(sandbox.pairing()).toEqual(['5511999990003']);
    await sandbox.phone('5511999990003').enterCode(`${code.slice(0, 4)}-${code.slice(4)}`);
    expect(await first.closed()).toBe(515);
    expect(sandbox.pairing()).toEqual([]);
    await connect(auth).opened();
  });

  it('refuses a wrong pairing code and takes the right one afterwards', async () => {
    const auth = memory();
    const first = connect(auth);
    await first.qr();
    const asked = sandbox.next('pairing-code');
    await first.socket.requestPairingCode('5511999990004', 'ABCD1234');
    await asked;
    const phone = sandbox.phone('5511999990004');
    await expect(phone.enterCode('ABCD1235')).rejects.toThrow('the pairing code is wrong');
    expect(phone.devices()).toEqual([]);
    await phone.enterCode('abcd1234');
    expect(phone.devices()).toHaveLength(1);
  });

  it('refuses a code nobody waits for and a QR code nobody shows', async () => {
    const phone = sandbox.phone('5511999990005');
    await expect(phone.enterCode('ABCD1234')).rejects.toThrow("no client waits for a pairing code of '5511999990005'");
    await expect(phone.scan('https://wa.me/settings/linked_devices#2@x,a,b,c,1')).rejects.toThrow('no client shows');
    await expect(phone.scan('hello')).rejects.toThrow('not a WhatsApp QR code');
  });

  it('refuses a QR code whose keys are not those of the client', async () => {
    const client = connect(memory());
    const fields = (await client.qr()).split(',');
    fields[1] = memory().creds.advSecretKey;
    await expect(sandbox.phone('5511999990005').scan(fields.join(','))).rejects.toThrow('are not those of the client');
  });

  it('ends with 408 when the references run out', async () => {
    sandbox.refs = 2;
    const client = connect(memory(), { qrTimeout: 60 });
    expect(await client.closed()).toBe(408);
    sandbox.refs = 6;
  });

  it('refuses the login of a session that asked for a pairing code and was never linked', async () => {
    const auth = memory();
    const first = connect(auth);
    await first.qr();
    await first.socket.requestPairingCode('5511999990006', 'ABCD1234');
    await first.close();
    expect(await connect(auth).closed()).toBe(401);
  });

  it('gives each linked device of a phone its own number', async () => {
    const [one, two] = [await link(sandbox, '5511999990007'), await link(sandbox, '5511999990007')];
    clients.push(one.client, two.client);
    expect(one.phone.devices().map(({ jid }) => jid)).toEqual([
      '5511999990007:1@s.whatsapp.net',
      '5511999990007:2@s.whatsapp.net',
    ]);
  });
});
