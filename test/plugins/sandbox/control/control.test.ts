import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runSandboxServer, type SandboxServer } from '../../../../plugins/sandbox/standalone.ts';
import { Client, hush, memory, verifyForReal } from '../support.ts';

describe('the control API of a sandbox in its own process', () => {
  let server: SandboxServer;
  let client: Client;
  const lines: string[] = [];

  beforeAll(async () => {
    hush();
    server = await runSandboxServer({ controlPort: 0, print: (line) => lines.push(line) });
    verifyForReal(server.sandbox.endpoint.rootKey);
  });
  afterAll(async () => {
    await client.close();
    await server.close();
  });

  const call = async (method: string, path: string, body?: unknown): Promise<{ status: number; body: never }> => {
    const response = await fetch(`${server.controlUrl}/api/sandbox${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as never };
  };

  it('prints where it listens', () => {
    expect(lines).toEqual([
      `WhatsApp: ${server.sandbox.endpoint.url} (root key ${server.sandbox.endpoint.rootKey})`,
      `Control:  ${server.controlUrl}/api/sandbox`,
    ]);
  });

  it('links a device by QR code', async () => {
    expect(await call('POST', '/phones', { number: '+55 11 99999-0001', name: 'Maria' })).toMatchObject({
      status: 201,
      body: { number: '5511999990001', name: 'Maria', devices: [] },
    });
    const auth = memory();
    const first = new Client(server.sandbox, auth);
    const scanned = await call('POST', '/phones/5511999990001/scan', { qr: await first.qr() });
    expect(scanned).toMatchObject({ status: 201, body: { id: 1, os: 'Mac OS', platformType: 'CHROME' } });
    await first.closed();
    client = new Client(server.sandbox, auth);
    await client.opened();
    expect(await call('GET', '/phones')).toMatchObject({ body: [{ devices: [{ id: 1, online: true }] }] });
    expect(await call('GET', '')).toMatchObject({ body: { sockets: 1, devices: 1, links: 1, logins: 1 } });
  });

  it('sends and receives as a contact', async () => {
    await call('POST', '/contacts', { number: '5511888880001', name: 'Ana', reads: true });
    const sent = await call('POST', '/contacts/5511888880001/messages', {
      to: '5511999990001',
      text: 'hello',
      waitMs: 20_000,
    });
    expect(sent).toMatchObject({ status: 201, body: { deliveries: [{ outcome: 'receipt' }] } });
    await client.text('hello');
    const waiting = call('GET', '/contacts/5511888880001/messages?waitMs=20000');
    const answer = await client.socket.sendMessage('5511888880001@s.whatsapp.net', { text: 'hi' });
    expect(await waiting).toMatchObject({ body: [{ id: answer?.key.id, text: 'hi', from: '5511999990001' }] });
    expect(await call('GET', `/contacts/5511888880001/messages?after=${answer?.key.id}`)).toMatchObject({ body: [] });
    expect(await client.status(answer?.key.id ?? '', 4)).toBe(4);
    expect(await call('POST', '/contacts/5511888880001/read', { id: answer?.key.id })).toMatchObject({ status: 201 });
    await call('POST', '/contacts/5511888880001/presence', { to: '5511999990001', state: 'composing' });
    await client.until('presence.update', ({ id }) => id === server.sandbox.contact('5511888880001').address);
    const deliveries = await call('GET', '/phones/5511999990001/deliveries?open=true');
    expect(deliveries).toMatchObject({ status: 200, body: [] });
  });

  it('writes on the phone itself, and where many read', async () => {
    const to = '5511888880001';
    expect(await call('POST', '/phones/5511999990001/messages', { to, text: 'from my phone' })).toMatchObject({
      status: 201,
      body: { id: expect.any(String) },
    });
    const mine = await client.until('messages.upsert', ({ messages }) => {
      return messages.find(({ message }) => message?.conversation === 'from my phone');
    });
    expect(mine.key).toMatchObject({
      fromMe: true,
      remoteJid: server.sandbox.contact(to).lid,
      remoteJidAlt: `${to}@s.whatsapp.net`,
    });
    for (const chat of ['status@broadcast', '4915@broadcast', '12036300@newsletter']) {
      const body = { to: '5511999990001', chat, text: `in ${chat}`, waitMs: 20_000 };
      expect(await call('POST', `/contacts/${to}/messages`, body)).toMatchObject({ status: 201 });
      const read = await client.until('messages.upsert', ({ messages }) => {
        return messages.find(({ message }) => message?.conversation === `in ${chat}`);
      });
      expect(read.key.remoteJid).toBe(chat);
    }
    const refused = { to: '5511999990001', chat: '1@g.us', text: 'x' };
    expect(await call('POST', `/contacts/${to}/messages`, refused)).toMatchObject({ status: 400 });
  });

  it('sends and receives files', async () => {
    const { ca } = server.sandbox.endpoint;
    const media = { kind: 'image', data: Buffer.from('pixels').toString('base64'), mimetype: 'image/png' };
    await call('POST', '/contacts/5511888880001/messages', { to: '5511999990001', media, text: 'see', waitMs: 20_000 });
    const { message } = await client.until('messages.upsert', ({ messages }) => {
      return messages.find((one) => one.message?.imageMessage?.caption === 'see');
    });
    expect(ca).toContain('BEGIN CERTIFICATE');
    const sent = await client.socket.sendMessage('5511888880001@s.whatsapp.net', {
      forward: { message, key: {} } as never,
    });
    await server.sandbox.contact('5511888880001').waitForMessage(({ id }) => id === sent?.key.id);
    const file = await fetch(`${server.controlUrl}/api/sandbox/contacts/5511888880001/messages/${sent?.key.id}/media`);
    expect(await file.text()).toBe('pixels');
  });

  it('sends whole messages', async () => {
    const message = { imageMessage: { caption: 'look', mimetype: 'image/jpeg' } };
    await call('POST', '/contacts/5511888880001/messages', { to: '5511999990001', message, waitMs: 20_000 });
    await client.until('messages.upsert', ({ messages }) => {
      return messages.some((one) => one.message?.imageMessage?.caption === 'look');
    });
  });

  it('makes groups and writes to them', async () => {
    const made = await call('POST', '/groups', {
      subject: 'Team',
      owner: '5511888880001',
      participants: ['5511999990001'],
    });
    const { jid } = made.body as { jid: string };
    expect(made).toMatchObject({ status: 201, body: { members: { 5511888880001: 'superadmin' } } });
    await call('POST', '/contacts/5511888880001/messages', { to: jid, text: 'hello team', waitMs: 20_000 });
    await client.text('hello team');
    expect(await call('PUT', `/groups/${jid}`, { by: '5511888880001', subject: 'Crew' })).toMatchObject({
      body: { subject: 'Crew' },
    });
    const change = { by: '5511888880001', action: 'promote', participants: ['5511999990001'] };
    const switched = { by: '5511888880001', switches: { locked: true }, everyoneAdds: true, together: true };
    expect(await call('PUT', `/groups/${jid}`, switched)).toMatchObject({
      status: 200,
      body: { switches: ['locked'] },
    });
    const unknown = { by: '5511888880001', switches: { shut: true } };
    expect(await call('PUT', `/groups/${jid}`, unknown)).toMatchObject({ status: 400 });
    expect(await call('POST', `/groups/${jid}/participants`, change)).toMatchObject({
      body: { members: { 5511999990001: 'admin' } },
    });
    expect(await call('GET', '/groups')).toMatchObject({ body: [{ jid }] });
    expect(await call('GET', `/groups/${jid}`)).toMatchObject({ status: 200 });
    expect(await call('GET', '/groups/1@g.us')).toMatchObject({ status: 404 });
  });

  it('calls, restricts and renames', async () => {
    const called = await call('POST', '/contacts/5511888880001/calls', { to: '5511999990001' });
    const { id } = called.body as { id: string };
    await client.until('call', ([one]) => one?.id === id);
    expect(await call('POST', '/contacts/5511888880001/calls', { to: '5511999990001', id })).toMatchObject({
      body: { id },
    });
    await call('POST', '/phones/5511999990001/timelock', { active: true });
    await client.until('connection.update', ({ reachoutTimeLock }) => reachoutTimeLock?.isActive);
    expect(await call('PUT', '/phones/5511999990001', { name: 'New' })).toMatchObject({ body: { name: 'New' } });
    await client.until('creds.update', ({ me }) => me?.name === 'New');
  });

  it('measures a load', async () => {
    const load = { phones: ['5511999990001'], contacts: 2, messages: 40, inFlight: 5 };
    const measured = await call('POST', '/load', load);
    expect(measured).toMatchObject({ status: 201, body: { messages: 40, failed: 0 } });
  });

  it('switches faults of files on and off', async () => {
    const wrong = { kind: 'media', how: 'status', status: 410, phone: '4915200000001' };
    expect(await call('POST', '/faults', wrong)).toMatchObject({ status: 201, body: { fault: wrong } });
    expect(await call('POST', '/faults', { kind: 'no-reupload', times: 1 })).toMatchObject({ body: { left: 1 } });
    expect(await call('POST', '/faults', { kind: 'media', how: 'sing' })).toMatchObject({ status: 400 });
    expect(await call('DELETE', '/faults')).toMatchObject({ status: 200 });
  });

  it('switches faults on and off', async () => {
    const set = await call('POST', '/faults', { kind: 'refuse-login', reason: 503, times: 2 });
    expect(set).toMatchObject({ status: 201, body: { fault: { kind: 'refuse-login', reason: 503 }, left: 2 } });
    expect(await call('POST', '/faults', { kind: 'slow', delayMs: 0 })).toMatchObject({ body: { left: null } });
    expect(await call('GET', '/faults')).toMatchObject({ body: [{ left: 2 }, { left: null }] });
    const qr = 'https://wa.me/settings/linked_devices#ref,key,identity,secret,1';
    expect(await call('POST', '/faults', { kind: 'silence', qr })).toMatchObject({
      body: { fault: { noiseKey: 'key' } },
    });
    expect(await call('POST', '/faults', { kind: 'silence', qr: 'hello' })).toMatchObject({ status: 400 });
    const { id } = set.body as { id: string };
    expect(await call('DELETE', `/faults/${id}`)).toMatchObject({ status: 200 });
    expect(await call('DELETE', `/faults/${id}`)).toMatchObject({ status: 404 });
    expect(await call('DELETE', '/faults')).toMatchObject({ status: 200 });
    expect(await call('GET', '/faults')).toMatchObject({ body: [] });
  });

  it('says what is wrong with a request', async () => {
    expect(await call('POST', '/phones', {})).toEqual({
      status: 400,
      body: { statusCode: 400, error: 'Bad Request', message: ['number is required'] },
    });
    expect(await call('GET', '/phones/5511000000000')).toMatchObject({ status: 404 });
    expect(await call('POST', '/phones/5511999990001/scan', { qr: 'x' })).toMatchObject({
      status: 422,
      body: { message: 'this is not a WhatsApp QR code' },
    });
    expect(await call('POST', '/phones/5511999990001/code', { code: 'ABCD-EFGH' })).toMatchObject({ status: 422 });
    expect(await call('POST', '/contacts/-----/messages', { to: '-----', text: 'x' })).toMatchObject({ status: 400 });
    expect(await call('POST', '/contacts/5511888880001/messages', { to: '5511999990001' })).toMatchObject({
      body: { message: ['text, media or message is required'] },
    });
    expect(await call('GET', '/nowhere')).toMatchObject({ status: 404 });
  });

  it('ends connections and unlinks devices', async () => {
    expect(await call('POST', '/disconnect', { how: 503, phone: '5511999990001' })).toMatchObject({
      body: { disconnected: 1 },
    });
    expect(await client.closed()).toBe(503);
    expect(await call('DELETE', '/phones/5511999990001/devices/9')).toMatchObject({ status: 404 });
    expect(await call('DELETE', '/phones/5511999990001/devices/1')).toMatchObject({ status: 200 });
    expect(await call('GET', '/phones/5511999990001')).toMatchObject({ body: { devices: [] } });
  });
});
