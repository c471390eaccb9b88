import { afterEach, expect, it } from 'vitest';
import { createTestHost, type TestHost } from 'waha-runtime/testing';
import carefulSender from '../index.ts';

let host: TestHost;
const start = async (config: object = {}): Promise<void> => {
  host = await createTestHost({ plugins: [{ use: carefulSender, config }], sessions: ['a', 'b'] });
};
const send = async (session: string, text = 'hello') =>
  (await host.sessions.client(session)).messages.sendText({ chatId: '1@c.us', text });
afterEach(() => host.close());

it('hides card numbers', async () => {
  await start();
  await send('a', 'my card is 4111 1111 1111 1234, call 5511988887777');
  expect(host.outgoing[0]?.args).toEqual([{ chatId: '1@c.us', text: 'my card is •••• 1234, call 5511988887777' }]);
});

it('refuses what is too much, for each session by itself, and forgets after a minute', async () => {
  await start({ perMinute: 2 });
  await send('a');
  await host.clock.pass(20_000);
  await send('a');
  await expect(send('a')).rejects.toMatchObject({ status: 429, details: { retryAfterSeconds: 40 } });
  await send('b');
  await host.clock.pass(40_000);
  await send('a');
  expect(host.outgoing.map(({ session }) => session)).toEqual(['a', 'a', 'b', 'a']);
});

it('leaves what sends nothing alone', async () => {
  await start({ perMinute: 1 });
  const { messages } = await host.sessions.client('a');
  await messages.sendSeen({ chatId: '1@c.us' });
  await messages.sendSeen({ chatId: '1@c.us' });
  expect(host.outgoing.map(({ method }) => method)).toEqual(['messages.sendSeen', 'messages.sendSeen']);
});
