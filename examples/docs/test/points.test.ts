import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTestHost, type TestHost } from 'waha-runtime/testing';
import { counter, reporter } from '../lifecycle.ts';
import points from '../points.ts';

let host: TestHost;
beforeEach(async () => {
  host = await createTestHost({ plugins: [points, counter, reporter] });
});
afterEach(() => host.close());

it('filters, delivers and checks', async () => {
  expect(await host.emit('message', { from: 'status@broadcast' })).toBeNull();
  expect(await host.emit('message')).not.toBeNull();
  await host.emit('session.status');
  expect(host.http.requests.at(-1)).toMatchObject({ method: 'POST', url: 'https://siem.example/events' });
  expect(await host.request('GET', '/api/double/21')).toEqual({ status: 200, body: { result: 42 } });
  expect((await host.health()).details['siem']).toEqual({ status: 'up' });
});

it('refuses long texts', async () => {
  const { messages } = await host.sessions.client('default');
  await expect(messages.sendText({ chatId: '1@c.us', text: 'x'.repeat(5_000) })).rejects.toThrow('too much text');
});

it('counts', async () => {
  await host.clock.pass(120_000);
  const said = host.logged.filter(({ fields }) => fields['plugin'] === 'reporter').map(({ message }) => message);
  expect(said).toEqual(['1 sinks are there', 'the server is on no port', 'count 1', 'count 2']);
});
