import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../../plugins/sandbox/sandbox.ts';
import { Client, type Linked, link, sandboxForTests } from '../support.ts';

const PHONE = '5511999990001';

describe('delivery', () => {
  let sandbox: Sandbox;
  let linked: Linked;
  let { client } = {} as { client: Client };

  beforeAll(async () => {
    sandbox = await sandboxForTests();
    linked = await link(sandbox, PHONE);
    client = linked.client;
    await client.until('creds.update', ({ accountSyncCounter }) => accountSyncCounter);
  });
  afterEach(() => {
    sandbox.faults.clear();
  });
  afterAll(async () => {
    await client.close();
    await sandbox.close();
  });

  const reconnect = async (): Promise<void> => {
    client = new Client(sandbox, linked.auth);
    await client.opened();
  };

  it('keeps what a device misses and hands it over at the next login', async () => {
    const gone = sandbox.next('closed');
    await client.close();
    await gone;
    const ana = sandbox.contact('5511888880001');
    const sent = [await ana.send(PHONE, 'first'), await ana.send(PHONE, 'second')];
    expect(sandbox.stats().waiting).toBe(2);
    expect(sent.flatMap(({ deliveries }) => deliveries.map(({ handedOver }) => handedOver))).toEqual([0, 0]);
    await reconnect();
    expect(await client.text('first')).toMatchObject({ type: 'append' });
    expect(await client.text('second')).toMatchObject({ type: 'append' });
    await Promise.all(sent.map(({ delivered }) => delivered));
    expect(sandbox.stats().waiting).toBe(0);
  });

  it('hands over again what was not confirmed before the connection broke', async () => {
    sandbox.faults.set({ kind: 'silence', phone: PHONE });
    const sent = await sandbox.contact('5511888880001').send(PHONE, 'into the void');
    sandbox.disconnect('reset', { phone: PHONE });
    expect(await client.closed()).toBe(428);
    sandbox.faults.clear();
    await reconnect();
    await client.text('into the void');
    await sent.delivered;
    expect(sandbox.deliveries(PHONE).at(-1)).toMatchObject({ id: sent.id, handedOver: 1, outcome: 'receipt' });
  });

  it('hands over again what was handed over and not confirmed', async () => {
    const stop = sandbox.on('handed-over', () => sandbox.disconnect('reset', { phone: PHONE }));
    const sent = await sandbox.contact('5511888880001').send(PHONE, 'cut off');
    stop();
    expect(await client.closed()).toBe(428);
    await reconnect();
    // The old socket has decrypted it and could not say so: Baileys then answers that it had it already (487).
    await sent.delivered;
    expect(sent.deliveries[0]?.handedOver).toBe(2);
    expect(['receipt', 'nack']).toContain(sent.deliveries[0]?.outcome);
  });

  it('encrypts anew what the client could not decrypt', async () => {
    const bob = sandbox.contact('5511888880002');
    await (await bob.send(PHONE, 'hello')).delivered;
    sandbox.faults.set({ kind: 'garble', phone: PHONE, times: 1 });
    const sent = await bob.send(PHONE, 'readable at last');
    await client.text('readable at last');
    await sent.delivered;
    expect(sent.deliveries).toMatchObject([{ handedOver: 2, retries: 1, outcome: 'receipt' }]);
    await (await bob.send(PHONE, 'and on')).delivered;
  });

  it('asks the client again for what a contact could not decrypt', async () => {
    const carl = sandbox.contact('5511888880003');
    await client.socket.sendMessage(carl.jid, { text: 'opens the session' });
    await carl.waitForMessage();
    await (await carl.send(PHONE, 'goes on in it')).delivered;
    carl.forgetSession(PHONE);
    const asked = sandbox.next('retry-asked');
    const sent = await client.socket.sendMessage(carl.jid, { text: 'lost and found' });
    expect(await asked).toMatchObject({ id: sent?.key.id, from: carl.number, to: PHONE });
    const found = await carl.waitForMessage(({ text }) => text === 'lost and found');
    expect(found).toMatchObject({ id: sent?.key.id, encryption: 'pkmsg' });
    expect(carl.inbox).toHaveLength(2);
  });

  it('counts a message once that came twice', async () => {
    const dora = sandbox.contact('5511888880004');
    const sent = await dora.send(PHONE, 'once');
    await sent.delivered;
    const repeated = await dora.send(PHONE, 'once more', { id: sent.id });
    await repeated.delivered;
    expect(sandbox.deliveries(PHONE).filter(({ id }) => id === sent.id)).toHaveLength(2);
  });

  it('fires prepared messages in order', async () => {
    const eva = sandbox.contact('5511888880005');
    const prepared = await eva.prepare(PHONE, 50);
    expect(sandbox.deliveries(PHONE).filter(({ from }) => from === eva.number)).toEqual([]);
    await Promise.all(prepared.map((message) => message.fire().delivered));
    const mine = sandbox.deliveries(PHONE).filter(({ from }) => from === eva.number);
    expect(mine.map(({ id }) => id)).toEqual(prepared.map(({ id }) => id));
    expect(mine.every(({ outcome, handedOver }) => outcome === 'receipt' && handedOver === 1)).toBe(true);
    sandbox.forgetDeliveries();
    expect(sandbox.deliveries()).toEqual([]);
  });

  it('says when the stock of one-time keys runs low, and gets new ones', async () => {
    const uploaded = sandbox.next('prekeys');
    sandbox.phone(PHONE).drainPreKeys(1);
    await sandbox.contact('5511888880006').send(PHONE, 'takes the last key');
    expect(await uploaded).toMatchObject({ phone: PHONE, uploaded: 5, stock: 5 });
    await client.text('takes the last key');
  });

  it('reaches a device without one-time keys', async () => {
    sandbox.phone(PHONE).drainPreKeys(0);
    await (await sandbox.contact('5511888880007').send(PHONE, 'without a key')).delivered;
    await client.text('without a key');
  });

  it('gives up what waits for a device that is unlinked', async () => {
    const other = await link(sandbox, '5511999990002');
    sandbox.faults.set({ kind: 'silence', phone: '5511999990002' });
    const sent = await sandbox.contact('5511888880008').send('5511999990002', 'too late');
    const { delivered } = sent;
    sandbox.faults.clear();
    sandbox.faults.set({ kind: 'silence', phone: '5511999990002' });
    sandbox.phone('5511999990002').unlink();
    await expect(delivered).rejects.toThrow('the device was unlinked before it had it');
    await other.client.close();
  });
});
