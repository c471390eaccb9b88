import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { type Receiver, type ReceiverOptions, startReceiver } from '../../support/receiver.ts';
import { anEvent, closing, runWebhooks } from './running-plugin.ts';

const receiving = async (options?: ReceiverOptions) => closing(await startReceiver(options));

describe('an event', () => {
  it('arrives as JSON, word for word, with the headers of WAHA', async () => {
    const receiver = await receiving();
    const { deliver } = await runWebhooks({ config: { url: `${receiver.url}/hook?a=1` } });
    const event = deliver(anEvent({ payload: { body: 'grüße 🎉' } }));
    const got = await receiver.next();
    expect(got).toMatchObject({ method: 'POST', path: '/hook?a=1', text: JSON.stringify(event) });
    expect(got.headers).toMatchObject({
      'content-type': 'application/json',
      'x-webhook-timestamp': String(event.timestamp),
      'x-webhook-request-id': expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/),
      'x-webhook-attempt': '1',
      'webhook-id': event.id,
    });
    expect(got.headers).not.toHaveProperty('x-webhook-hmac');
    expect(got.headers).not.toHaveProperty('webhook-signature');
  });

  it('is signed for WAHA and for the official Standard Webhooks verifier', async () => {
    const receiver = await receiving();
    const { deliver } = await runWebhooks({ config: { url: receiver.url, hmac: { key: 'my-secret-key' } } });
    const event = deliver();
    const { headers, body } = await receiver.next();
    expect(headers['x-webhook-hmac']).toBe(createHmac('sha512', 'my-secret-key').update(body).digest('hex'));
    expect(headers['x-webhook-hmac-algorithm']).toBe('sha512');
    expect(new Webhook('my-secret-key', { format: 'raw' }).verify(body, headers)).toEqual(event);
  });

  it('carries custom headers, and none of them replaces a signature', async () => {
    const receiver = await receiving();
    const customHeaders = [
      { name: 'X-Api-Key', value: 'secret' },
      { name: 'User-Agent', value: 'mine' },
      { name: 'X-Webhook-Hmac', value: 'forged' },
      { name: 'Host', value: 'elsewhere' },
    ];
    const sessions = { default: { webhooks: [{ url: receiver.url, events: ['*' as const], customHeaders }] } };
    const { deliver, lines } = await runWebhooks({ sessions });
    deliver();
    const { headers } = await receiver.next();
    expect(headers).toMatchObject({ 'x-api-key': 'secret', 'user-agent': 'mine', host: `127.0.0.1:${receiver.port}` });
    expect(headers).not.toHaveProperty('x-webhook-hmac');
    expect(lines.map(({ message }) => message)).toContain(
      "custom headers that cannot be set are left out: 'X-Webhook-Hmac', 'Host'",
    );
  });

  it('is sent to all who want it as it was logged, byte for byte', async () => {
    const receiver = await receiving();
    const webhooks = ['a', 'b', 'c'].map((path) => ({ url: `${receiver.url}/${path}`, hmac: { key: path } }));
    const { deliver } = await runWebhooks({ config: { webhooks } });
    const body = '{ "logged":  "as it is" }';
    deliver(anEvent(), body);
    const requests = await receiver.next(3);
    expect(requests.map(({ path }) => path).sort()).toEqual(['/a', '/b', '/c']);
    expect(requests.map(({ text }) => text)).toEqual([body, body, body]);
  });

  it('goes to nobody when nobody is configured', async () => {
    const { deliver, counts } = await runWebhooks({ config: { url: '' } });
    deliver();
    expect(counts()).toMatchObject({ queued: 0, inFlight: 0 });
  });
});

describe('a subscription', () => {
  /** The names of the next events, sorted: requests that are under way at once overtake each other. */
  const heard = async (receiver: Receiver, count: number) =>
    (await receiver.next(count)).map(({ json }) => String(json['event'])).sort();

  it('to * hears everything but engine.event', async () => {
    const receiver = await receiving();
    const { deliver } = await runWebhooks({ config: { url: receiver.url } });
    deliver(anEvent({ event: 'engine.event' }));
    deliver(anEvent({ event: 'message' }));
    deliver(anEvent({ event: 'session.status' }));
    expect(await heard(receiver, 2)).toEqual(['message', 'session.status']);
  });

  it('to named events hears those alone', async () => {
    const receiver = await receiving();
    const { deliver } = await runWebhooks({ config: { url: receiver.url, events: ['engine.event', 'message.ack'] } });
    deliver(anEvent({ event: 'message' }));
    deliver(anEvent({ event: 'engine.event' }));
    deliver(anEvent({ event: 'message.ack' }));
    expect(await heard(receiver, 2)).toEqual(['engine.event', 'message.ack']);
  });
});

describe("a session's webhooks", () => {
  it('are delivered in addition to the global one, and only for that session', async () => {
    const receiver = await receiving();
    const webhook = { url: `${receiver.url}/session`, events: ['*' as const] };
    const sessions = { default: { webhooks: [webhook] }, other: {} };
    const { deliver } = await runWebhooks({ config: { url: `${receiver.url}/global` }, sessions });
    deliver(anEvent({ session: 'default' }));
    expect((await receiver.next(2)).map(({ path }) => path).sort()).toEqual(['/global', '/session']);
    deliver(anEvent({ session: 'other' }));
    deliver(anEvent({ session: 'default' }));
    const paths = (await receiver.next(3)).map(({ path, json }) => `${json['session']} ${path}`);
    expect(paths.sort()).toEqual(['default /global', 'default /session', 'other /global']);
  });

  it('change with the config, from the next event on', async () => {
    const receiver = await receiving();
    const sessions: Record<string, object> = { default: {} };
    const { deliver } = await runWebhooks({ sessions });
    deliver();
    sessions['default'] = { webhooks: [{ url: `${receiver.url}/one`, events: ['message'] }] };
    deliver();
    expect((await receiver.next()).path).toBe('/one');
    sessions['default'] = { webhooks: [{ url: `${receiver.url}/two`, events: ['message'], hmac: { key: 'k' } }] };
    deliver();
    expect(await receiver.next()).toMatchObject({ path: '/two', headers: { 'x-webhook-hmac': expect.any(String) } });
  });

  it('still get the last events of a session that is deleted', async () => {
    const receiver = await receiving();
    const sessions: Record<string, object> = {
      default: { webhooks: [{ url: receiver.url, events: ['*'], retries: { delaySeconds: 2 } }] },
    };
    const { deliver, clock } = await runWebhooks({ sessions });
    deliver();
    await receiver.next();
    delete sessions['default'];
    receiver.answer(500, 200);
    deliver(anEvent({ event: 'session.status' }));
    expect((await receiver.next()).json['event']).toBe('session.status');
    await clock.pass(await clock.timer());
    expect((await receiver.next()).headers['x-webhook-attempt']).toBe('2');
  });

  it('are served by the first instance of the plugin alone', async () => {
    const receiver = await receiving();
    const sessions = { default: { webhooks: [{ url: `${receiver.url}/session`, events: ['*' as const] }] } };
    const first = await runWebhooks({ sessions });
    const second = await runWebhooks({
      name: 'crm',
      config: { url: `${receiver.url}/crm` },
      sessions,
      sinksBefore: [{ plugin: 'webhook', value: first.sink }],
    });
    const event = anEvent();
    second.deliver(event);
    first.deliver(event);
    expect((await receiver.next(2)).map(({ path }) => path).sort()).toEqual(['/crm', '/session']);
    expect(second.counts()).toMatchObject({ queued: 0 });
  });
});

describe('the network guard', () => {
  it("refuses a private address in a session's config and says so", async () => {
    const receiver = await receiving();
    const sessions = { default: { webhooks: [{ url: receiver.url, events: ['*' as const] }] } };
    const { deliver, logged } = await runWebhooks({ sessions, egress: { allow: {} } });
    const line = logged('network.allow');
    deliver();
    expect(await line).toMatchObject({ level: 'warn', fields: { session: 'default', attempt: 1 } });
    expect(receiver.requests).toEqual([]);
  });

  it('takes a private address that stands in the YAML', async () => {
    const receiver = await receiving();
    const { deliver } = await runWebhooks({ config: { url: receiver.url }, egress: { allow: {} } });
    const event = deliver();
    expect((await receiver.next()).headers).toMatchObject({ 'webhook-id': event.id });
  });
});

describe('secrets', () => {
  it('of URL, headers and keys are in no log line', async () => {
    const receiver = await receiving({ answers: [500] });
    const url = `${receiver.url}/hook/0123456789abcdefSECRET?token=SECRET#SECRET`;
    const { deliver, clock, logged, lines } = await runWebhooks({
      config: {
        url,
        hmac: { key: 'SECRET', previousKeys: ['SECRET2'] },
        customHeaders: [{ name: 'Authorization', value: 'Bearer SECRET' }],
        retries: { attempts: 1 },
      },
    });
    const givenUp = logged('given up');
    deliver();
    await clock.pass(await clock.timer());
    await givenUp;
    expect(lines.length).toBeGreaterThan(0);
    expect(JSON.stringify(lines)).not.toContain('SECRET');
  });
});
