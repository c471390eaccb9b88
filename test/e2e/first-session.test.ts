import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionStatusPayload } from '../../core/contracts/session.ts';
import type { MessageAckPayload } from '../../core/engine.ts';
import type { WAMessage } from '../../core/index.ts';
import type { Hook } from '../support/hooks.ts';
import { World } from '../support/world.ts';

let world: World;
const session = 'support';
const phone = '4915200001001';
const customer = '4915200001002';

beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.close());

/** Asks, at each status that arrives at the sink, what the API says at that moment. */
const compareWithApi = () => {
  const comparisons: Promise<{ seen: string; known: string[]; status: string }>[] = [];
  world.hooks.onHook = ({ event }: Hook) => {
    if (event.event !== 'session.status' || event.session !== session) return;
    const seen = (event.payload as SessionStatusPayload).status;
    comparisons.push(
      (async () => {
        const { body: info } = await world.api.get(`/api/sessions/${session}`);
        const { body: transitions } = await world.api.get(`/api/sessions/${session}/transitions`);
        return { seen, known: transitions.map((one: { status: string }) => one.status), status: info.status };
      })(),
    );
  };
  return comparisons;
};

describe('the first session', () => {
  it('goes from POST /api/sessions over a scanned QR code to WORKING, and every status is news once', async () => {
    const comparisons = compareWithApi();
    const created = await world.api.post('/api/sessions', { name: session, config: { metadata: { team: 'blue' } } });
    expect(created).toMatchObject({ status: 201, body: { name: session, status: 'STARTING' } });
    await world.hooks.status(session, 'SCAN_QR_CODE');
    await world.scan(session, phone);
    const event = await world.hooks.status(session, 'WORKING');
    expect(event).toMatchObject({ metadata: { team: 'blue' }, me: { id: `${phone}@c.us` } });
    expect(world.hooks.statuses(session)).toEqual(['STARTING', 'SCAN_QR_CODE', 'STARTING', 'WORKING']);
    for (const [index, { seen, known, status }] of (await Promise.all(comparisons)).entries()) {
      expect(known[index]).toBe(seen);
      expect(known.slice(index)).toContain(status);
    }
    world.hooks.onHook = () => undefined;
  });

  it('tells a webhook of a message with the signature of the very bytes', async () => {
    await world.sandbox.contact(customer, { name: 'Bo' }).send(phone, 'Hello');
    const event = await world.hooks.next('message');
    expect(event.payload).toMatchObject({ ...world.namesOf(customer), body: 'Hello', fromMe: false });
    expect(world.hooks.all.length).toBeGreaterThan(4);
    expect(world.hooks.all.filter(({ signed }) => !signed)).toEqual([]);
  });

  it('answers so that the contact decrypts it, and hears that it was read', async () => {
    const contact = world.sandbox.contact(customer);
    contact.reads = true;
    const sent = await world.api.post('/api/sendText', { session, chatId: `${customer}@c.us`, text: 'Hi Bo' });
    expect(sent.status).toBe(201);
    const arrived = await contact.waitForMessage(({ text }) => text === 'Hi Bo');
    const { id } = sent.body as WAMessage;
    expect(id).toBe(`true_${customer}@c.us_${arrived.id}`);
    const read = await world.hooks.next('message.ack', ({ payload }) => {
      const ack = payload as MessageAckPayload;
      return ack.id === id && ack.ackName === 'READ';
    });
    expect(read.payload).toMatchObject({ ack: 3, fromMe: true });
  });

  it('comes back after a restart of the process without a QR code', async () => {
    const [from, told] = [await world.mark(), world.hooks.statuses(session).length];
    await world.reboot();
    await world.hooks.status(session, 'WORKING', from);
    expect(world.hooks.statuses(session).slice(told)).toEqual(['STOPPED', 'STARTING', 'WORKING']);
  });

  it('is unlinked by a logout and shows a fresh QR code', async () => {
    const from = await world.mark();
    const unlinked = world.sandbox.next('unlink');
    const { status, body } = await world.api.post(`/api/sessions/${session}/logout`);
    expect([status, body.remote]).toEqual([201, 'unlinked']);
    expect(await unlinked).toMatchObject({ phone, by: 'client' });
    await world.hooks.status(session, 'SCAN_QR_CODE', from);
    expect((await world.api.get(`/api/sessions/${session}/me`)).body).toBeNull();
    expect(world.sandbox.phone(phone).devices()).toEqual([]);
  });
});
