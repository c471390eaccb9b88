import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attemptHeaders } from '../../../plugins/webhook/request/request-headers.ts';
import { anEvent, runWebhooks } from './running-plugin.ts';

const key = 'example-key';
let receiver: ChildProcess;
let output: Interface;
let url: string;

/** The next line that the receiver prints. */
const line = async (): Promise<string> => String((await once(output, 'line'))[0]);

beforeAll(async () => {
  const script = fileURLToPath(new URL('../../../examples/webhook-receiver/server.js', import.meta.url));
  receiver = spawn(process.execPath, [script], { env: { WEBHOOK_KEY: key, PORT: '0' } });
  output = createInterface({ input: receiver.stdout! });
  url = (await line()).replace('listening on ', '');
});
afterAll(async () => {
  receiver.kill();
  await once(receiver, 'exit');
});

/** A delivery as the plugin sends it, with some headers changed or removed. */
const post = async (changes: Record<string, string | undefined> = {}, body?: string): Promise<number> => {
  const event = anEvent();
  const bytes = Buffer.from(body ?? JSON.stringify(event));
  const delivery = { eventId: event.id, requestId: 'r', timestamp: event.timestamp, body: bytes };
  const headers = { ...attemptHeaders({ keys: [key], headers: {} }, delivery, 1, Date.now()), ...changes };
  const kept = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return (await fetch(url, { method: 'POST', headers: kept, body: bytes })).status;
};

describe('the example receiver', () => {
  it('takes what the plugin delivers, once for each id', async () => {
    const { deliver, logged } = await runWebhooks({ config: { url, hmac: { key } } });
    const event = anEvent();
    const first = line();
    deliver(event);
    expect(await first).toBe(`event ${event.id} message of default`);
    const again = line();
    const delivered = logged('delivered');
    deliver(event);
    expect(await again).toBe(`duplicate ${event.id}`);
    await delivered;
  });

  it('takes what WAHA signs, without the headers of the standard', async () => {
    const none = { 'webhook-id': undefined, 'webhook-timestamp': undefined, 'webhook-signature': undefined };
    expect(await post(none)).toBe(204);
  });

  it('takes what the standard signs, without the headers of WAHA', async () => {
    expect(await post({ 'X-Webhook-Hmac': undefined, 'X-Webhook-Hmac-Algorithm': undefined })).toBe(204);
  });

  it.each([
    ['that nobody signed', { 'X-Webhook-Hmac': undefined, 'webhook-signature': undefined }],
    ["with a wrong signature of WAHA's kind", { 'X-Webhook-Hmac': '00'.repeat(64) }],
    ["with a wrong signature of the standard's kind", { 'webhook-signature': 'v1,AAAA' }],
    ['with another id than the signed one', { 'webhook-id': 'evt_other' }],
    ['that is ten minutes old', { 'webhook-timestamp': String(Math.floor(Date.now() / 1000) - 600) }],
  ])('refuses a request %s', async (_, changes) => {
    expect(await post(changes)).toBe(401);
  });

  it('answers 500 to what it cannot handle, so that it comes again', async () => {
    expect(await post({}, 'not json')).toBe(500);
  });
});
