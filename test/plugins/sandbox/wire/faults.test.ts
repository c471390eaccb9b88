import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Disconnect, Sandbox } from '../../../../plugins/sandbox/sandbox.ts';
import { Client, type Linked, link, memory, sandboxForTests } from '../support.ts';

const PHONE = '5511999990001';

describe('faults', () => {
  let sandbox: Sandbox;
  let silent: Sandbox;
  let linked: Linked;
  let ignored: Client;
  const clients: Client[] = [];

  beforeAll(async () => {
    sandbox = await sandboxForTests();
    linked = await link(sandbox, PHONE);
    silent = await sandboxForTests();
    ignored = (await link(silent, PHONE, { keepAliveIntervalMs: 200 })).client;
    silent.faults.set({ kind: 'silence' });
    clients.push(linked.client, ignored);
  });
  afterEach(() => {
    sandbox.faults.clear();
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await Promise.all([sandbox.close(), silent.close()]);
  });

  const connect = (options: ConstructorParameters<typeof Client>[2] = {}, auth = linked.auth): Client => {
    const client = new Client(sandbox, auth, options);
    clients.push(client);
    return client;
  };
  const open = async (options: ConstructorParameters<typeof Client>[2] = {}): Promise<Client> => {
    const client = connect(options);
    await client.opened();
    return client;
  };

  it.each<[Disconnect, number]>([
    ['close', 428],
    ['reset', 428],
    ['end', 428],
    [401, 401],
    [402, 402],
    [403, 403],
    [405, 405],
    [406, 406],
    [409, 409],
    [411, 411],
    [440, 440],
    [500, 500],
    [503, 503],
    [515, 515],
  ])('ends a connection with %s, which Baileys reports as %i', async (how, code) => {
    const client = await open();
    expect(sandbox.disconnect(how, { phone: PHONE })).toBe(1);
    expect(await client.closed()).toBe(code);
  });

  it.each([401, 403, 405, 503])('refuses a login with %i as often as it is told to', async (reason) => {
    sandbox.faults.set({ kind: 'refuse-login', reason, phone: PHONE, times: 2 });
    expect(await connect().closed()).toBe(reason);
    expect(await connect().closed()).toBe(reason);
    await open();
  });

  it('hangs up right after a login', async () => {
    sandbox.faults.set({ kind: 'disconnect-at-login', how: 503, times: 1 });
    expect(await connect().closed()).toBe(503);
    await open();
  });

  it('replaces the older of two connections of a device', async () => {
    const older = await open();
    sandbox.resetMostSockets();
    const newer = await open();
    expect(await older.closed()).toBe(440);
    expect(sandbox.stats().mostSocketsPerSession).toBe(2);
    expect(sandbox.phone(PHONE).devices()).toMatchObject([{ online: true }]);
    await newer.close();
    sandbox.resetMostSockets();
    await open();
    expect(sandbox.stats().mostSocketsPerSession).toBe(1);
  });

  it('says nothing and keeps the connection until the silence is lifted', async () => {
    const client = await open();
    const fault = sandbox.faults.set({ kind: 'silence', phone: PHONE });
    const sent = await sandbox.contact('5511888880001').send(PHONE, 'held back');
    const silent = await client.socket
      .query({ tag: 'iq', attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:p' } }, 100)
      .catch(() => undefined);
    expect(silent).toBeUndefined();
    expect(sent.deliveries).toMatchObject([{ handedOver: 0 }]);
    fault.clear();
    await client.text('held back');
  });

  it('accepts a websocket and never shakes hands', async () => {
    sandbox.faults.set({ kind: 'silence' });
    expect(await connect({ connectTimeoutMs: 150 }).closed()).toBe(408);
  });

  it('answers slowly', async () => {
    const client = await open();
    sandbox.faults.set({ kind: 'slow', delayMs: 120 });
    const before = performance.now();
    await client.socket.query({ tag: 'iq', attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:p' } });
    expect(performance.now() - before).toBeGreaterThan(100);
  });

  it('answers slowly as often as it was told to', async () => {
    const client = await open();
    const { id } = sandbox.faults.set({ kind: 'slow', delayMs: 1, times: 1 });
    await client.socket.query({ tag: 'iq', attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:p' } });
    expect(sandbox.faults.list().map((fault) => fault.id)).not.toContain(id);
  });

  it('answers the upgrade with an HTTP status, of which Baileys says nothing', async () => {
    sandbox.faults.set({ kind: 'refuse-upgrade', status: 503, times: 1 });
    const client = connect();
    const status = await new Promise((resolve) => {
      client.socket.ws.on('unexpected-response', (_request: unknown, response: { statusCode: number }) =>
        resolve(response.statusCode),
      );
    });
    expect(status).toBe(503);
  });

  it('holds the connection open after a refused upgrade, which times out as 408', async () => {
    sandbox.faults.set({ kind: 'refuse-upgrade', status: 429, hold: true, times: 1 });
    expect(await connect({ connectTimeoutMs: 150 }).closed()).toBe(408);
  });

  it('never answers the upgrade, which times out as 408', async () => {
    sandbox.faults.set({ kind: 'ignore-upgrade', times: 1 });
    expect(await connect({ connectTimeoutMs: 150 }).closed()).toBe(408);
  });

  it('keeps the socket open after a scan when told not to ask for a restart', async () => {
    sandbox.faults.set({ kind: 'no-restart', times: 1 });
    const client = connect({}, memory());
    const phone = sandbox.phone('5511999990002');
    await phone.scan(await client.qr());
    await client.until('connection.update', ({ isNewLogin }) => isNewLogin);
    expect(phone.devices()).toHaveLength(1);
    expect(sandbox.stats().sockets).toBeGreaterThan(0);
    const again = connect({}, client.auth);
    await again.opened();
  });

  it('can be meant for a client that is not linked yet', async () => {
    const [one, other] = [connect({}, memory()), connect({}, memory())];
    const [qr] = await Promise.all([one.qr(), other.qr()]);
    const noiseKey = qr.split(',')[1] ?? '';
    const fault = sandbox.faults.set({ kind: 'no-restart', noiseKey });
    const phone = sandbox.phone('5511999990005');
    await phone.scan(await other.qr());
    expect(await other.closed()).toBe(515);
    await phone.scan(qr);
    expect(phone.devices()).toHaveLength(2);
    expect(sandbox.disconnect(503, { noiseKey })).toBe(1);
    expect(await one.closed()).toBe(503);
    fault.clear();
  });

  it('refuses the next message with an error code', async () => {
    const client = await open();
    sandbox.faults.set({ kind: 'refuse-message', code: 479, phone: PHONE, times: 1 });
    const contact = sandbox.contact('5511888880001');
    const sent = await client.socket.sendMessage(contact.jid, { text: 'refused' });
    const update = await client.until('messages.update', (updates) =>
      updates.find(({ key }) => key.id === sent?.key.id),
    );
    expect(update.update).toMatchObject({ status: 0, messageStubParameters: ['479'] });
    await client.socket.sendMessage(contact.jid, { text: 'taken' });
    await contact.waitForMessage(({ text }) => text === 'taken');
    expect(contact.inbox.map(({ text }) => text)).not.toContain('refused');
  });

  it('leaves queries of one namespace unanswered', async () => {
    const client = await open();
    sandbox.faults.set({ kind: 'unanswered', xmlns: 'w:test', times: 1 });
    const query = { tag: 'iq', attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:test' } };
    expect(await client.socket.query(query, 80).catch(() => undefined)).toBeUndefined();
    await expect(client.socket.query(query, 20_000)).resolves.toMatchObject({ attrs: { type: 'result' } });
  });

  it('unlinks a device, which is told 401 and refused from then on', async () => {
    const { client, phone, auth } = await link(sandbox, '5511999990003');
    expect(phone.unlink(1)).toBe(true);
    expect(await client.closed()).toBe(401);
    expect(phone.devices()).toEqual([]);
    expect(phone.unlink(1)).toBe(false);
    expect(await connect({}, auth).closed()).toBe(401);
  });

  it('removes a device that logs itself out', async () => {
    const { client, phone } = await link(sandbox, '5511999990004');
    const unlinked = sandbox.next('unlink');
    await client.socket.logout();
    expect(await unlinked).toEqual({ phone: phone.number, device: 1, by: 'client' });
    expect(phone.devices()).toEqual([]);
    expect(await client.closed()).toBe(401);
  });

  it('lists and takes back faults', () => {
    const fault = sandbox.faults.set({ kind: 'slow', delayMs: 1, times: 3 });
    expect(sandbox.faults.list()).toMatchObject([{ id: fault.id, left: 3, fault: { kind: 'slow' } }]);
    fault.clear();
    expect(sandbox.faults.list()).toEqual([]);
    expect(sandbox.faults.clear('fault-0')).toBe(false);
  });

  it('of one kind strike each what it is about, whichever was set first', async () => {
    const client = await open();
    sandbox.faults.set({ kind: 'unanswered', xmlns: 'usync' });
    const second = sandbox.faults.set({ kind: 'unanswered', xmlns: 'w:p', times: 1 });
    const ping = { tag: 'iq', attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:p' } };
    const ask = () => client.socket.query({ ...ping, content: [{ tag: 'ping', attrs: {} }] }, 5000);
    const silent = ask();
    silent.catch(() => undefined);
    await expect.poll(() => second.left).toBe(0);
    await ask();
  });

  it('is noticed as 408 after 5 s of silence', async () => {
    // Silent since the first test; its next check, 200 ms apart, sees that so much time has passed.
    const now = Date.now();
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => now + 6000);
    expect(await ignored.closed().finally(() => clock.mockRestore())).toBe(408);
  });
});
