import { afterEach, describe, expect, it } from 'vitest';
import { definePlugin, Points, Tokens, Type } from 'waha-runtime';
import { createTestHost, type TestHost, type TestHostOptions } from 'waha-runtime/testing';

const echo = definePlugin({
  name: 'echo',
  config: Type.Object({ prefix: Type.String({ default: '' }) }),
  needs: { sessions: Tokens.Sessions },
  setup({ on, configFor, services: { sessions } }) {
    on('message', async ({ session, payload }) => {
      const { messages } = await sessions.client(session);
      const { prefix } = configFor(session);
      await messages.sendText({ chatId: payload.from, text: `${prefix}${payload.body}` });
    });
  },
});

let host: TestHost;
const start = async (options: TestHostOptions): Promise<TestHost> => {
  host = await createTestHost(options);
  return host;
};
afterEach(() => host.close());

describe('a test host', () => {
  it('gives a plugin recorded events and a client of spies', async () => {
    await start({ plugins: [echo], config: { echo: { prefix: '> ' } } });
    await host.emit('message', { body: 'hello' });
    expect(host.client().messages.sendText.calls).toEqual([[{ chatId: '5511988887777@c.us', text: '> hello' }]]);
    expect(host.outgoing).toMatchObject([{ session: 'default', method: 'messages.sendText' }]);
  });

  it('sends nothing over HTTP and shows what would have gone out', async () => {
    const webhook = { use: 'webhook', config: { url: 'https://example.com/hook', events: ['message'] } };
    await start({ plugins: [webhook] });
    const event = await host.emit('message');
    await expect.poll(() => host.webhooks.length).toBe(1);
    expect(host.webhooks[0]).toMatchObject({ id: event?.id, event: 'message' });
  });

  it('calls the routes of a plugin without a server', async () => {
    await start({ plugins: ['waha-api'], sessions: ['sales'] });
    expect(await host.request('GET', '/api/sessions/sales')).toMatchObject({
      status: 200,
      body: { status: 'WORKING' },
    });
    expect(await host.request('GET', '/api/sessions/none')).toMatchObject({ status: 404 });
    expect(await host.request('GET', '/nowhere')).toMatchObject({ status: 404 });
    expect((await host.request('POST', '/api/sendText', { body: { chatId: 1 } })).status).toBe(400);
  });

  it('says what a plugin left behind', async () => {
    const leaky = definePlugin({
      name: 'leaky',
      needs: { clock: Tokens.Clock },
      setup: ({ services: { clock } }) => void clock.setTimeout(() => undefined, 1_000_000),
    });
    const leaking = await createTestHost({ plugins: [leaky] });
    await expect(leaking.close()).rejects.toThrow('the plugins left behind: 1 timers');
    await start({ plugins: [] });
  });

  it('shows the fault of a plugin that does not start', async () => {
    const hanging = definePlugin({ name: 'hanging', setup: () => new Promise<void>(() => undefined) });
    await expect(createTestHost({ plugins: [hanging] })).rejects.toThrow(
      "plugin 'hanging': did not finish setup within 10000 ms",
    );
    await expect(createTestHost({ plugins: [echo], config: { echo: { prefx: '' } } })).rejects.toThrow(
      "plugins.echo.config.prefx is unknown; did you mean 'prefix'?",
    );
    await start({ plugins: [] });
  });

  it('takes a connection away as WhatsApp would', async () => {
    await start({ plugins: [echo] });
    await host.disconnect('default', 'logged_out');
    await host.clock.pass(60_000);
    expect(host.sessions.get('default')).toMatchObject({ status: 'FAILED', reason: 'logged_out' });
  });

  it('keeps data in the database that a plugin brings, else in memory', async () => {
    const kept: unknown[] = [];
    const counter = definePlugin({
      name: 'counter',
      setup: ({ storage, onReady }) =>
        onReady(async () => {
          await storage.set('starts', 1);
          kept.push(await storage.get('starts'));
        }),
    });
    await start({ plugins: [counter] });
    expect(kept).toEqual([1]);
  });

  it('runs a plugin on the sandbox, against the real engine', async () => {
    await start({ plugins: [echo], world: 'sandbox' });
    await host.request('POST', '/api/sandbox/contacts', { body: { number: '5511988887777' } });
    const path = '/api/sandbox/contacts/5511988887777/messages';
    await host.request('POST', path, { body: { to: '5511999990001', text: 'ping' } });
    await expect
      .poll(async () => (await host.request('GET', path)).body)
      .toEqual([expect.objectContaining({ text: 'ping' })]);
  });
});

describe('a policy in the test host', () => {
  it('wraps what goes out', async () => {
    const loud = definePlugin({
      name: 'loud',
      setup: ({ contribute }) =>
        contribute(Points.ClientPolicy, {
          name: 'loud',
          send(call, next) {
            if (call.method !== 'messages.sendText') return next(call);
            const [message] = call.args;
            return next({ ...call, args: [{ ...message, text: message.text.toUpperCase() }] });
          },
        }),
    });
    await start({ plugins: [echo, loud] });
    await host.emit('message', { body: 'hello' });
    expect(host.client().messages.sendText.calls).toMatchObject([[{ text: 'HELLO' }]]);
  });
});
