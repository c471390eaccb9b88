import { afterEach, beforeEach, expect, it } from 'vitest';
import { whatsAppRefused } from 'waha-runtime';
import { createTestHost, type TestHost } from 'waha-runtime/testing';
import broadcastRoute from '../index.ts';

let host: TestHost;
beforeEach(async () => {
  host = await createTestHost({ plugins: [broadcastRoute] });
});
afterEach(() => host.close());

const post = (session: string, body: object) => host.request('POST', `/api/${session}/broadcast`, { body });

it('sends the text to every chat', async () => {
  const { status, body } = await post('default', { chatIds: ['1@c.us', '2@c.us'], text: 'hello' });
  expect(status).toBe(201);
  expect(body).toMatchObject({ sent: [{ chatId: '1@c.us' }, { chatId: '2@c.us' }], failed: [] });
  expect(host.outgoing).toHaveLength(2);
});

it('goes on when one chat refuses', async () => {
  const { sendText } = host.client().messages;
  sendText.answers(() => Promise.reject(whatsAppRefused('the message', 403)));
  const { body } = await post('default', { chatIds: ['1@c.us'], text: 'hello' });
  expect(body).toEqual({ sent: [], failed: [{ chatId: '1@c.us', error: 'WhatsApp refused the message (error 403)' }] });
});

it('refuses what its schema refuses, and sessions that are not there', async () => {
  expect(await post('default', { chatIds: [], text: 'x' })).toMatchObject({
    status: 400,
    body: { message: ['chatIds must NOT have fewer than 1 items'] },
  });
  expect((await post('nobody', { chatIds: ['1@c.us'], text: 'x' })).status).toBe(404);
});
