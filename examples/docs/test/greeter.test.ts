import { expect, it } from 'vitest';
import { createTestHost } from 'waha-runtime/testing';
import greeter from '../greeter.ts';

it('welcomes who says hello', async () => {
  const host = await createTestHost({ plugins: [greeter], config: { greeter: { text: 'Hi!' } } });
  await host.emit('message', { from: '123@c.us', body: 'hello' });
  expect(host.client().messages.sendText.calls).toEqual([[{ chatId: '123@c.us', text: 'Hi!' }]]);
  await host.close();
});
