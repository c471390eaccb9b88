import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import qrcode from 'qrcode';
import { Api } from './api.ts';
import { WahaProcess } from './waha-process.ts';
import { type Received, WebhookReceiver } from './webhook-receiver.ts';

const session = 'demo';
const phone = { number: '5511999990001', name: 'Demo Phone' };
const contact = { number: '12025550123', name: 'Ada' };
const secrets = { key: randomBytes(16).toString('hex'), hmac: randomBytes(16).toString('hex') };

/** Runs one step: prints what it did and how long it took; fails when it takes longer than its limit. */
const step = async <T>(what: string, work: () => Promise<T>, limit = 20_000): Promise<T> => {
  const began = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${limit / 1_000} s`)), limit);
  });
  try {
    const result = await Promise.race([work(), late]);
    console.log(`✔ ${what.padEnd(62)} ${String(Math.round(performance.now() - began)).padStart(6)} ms`);
    return result;
  } catch (error) {
    throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    clearTimeout(timer);
  }
};

const must = (fact: boolean, otherwise: string): void => {
  if (!fact) throw new Error(otherwise);
};

interface Demo {
  readonly api: Api;
  readonly receiver: WebhookReceiver;
  readonly webhookUrl: string;
}

/** The next event of this kind, with a signature that is right. */
const event = async ({ receiver }: Demo, name: string, match: (payload: Received['payload']) => boolean) => {
  const received = await receiver.next((it) => it.event === name && match(it.payload));
  must(received.signed, `the webhook ${name} has no valid signature`);
  return received.payload;
};

/** Takes the next statuses one by one: exactly these, in this order. */
const statuses = async (demo: Demo, ...wanted: string[]): Promise<void> => {
  for (const status of wanted) {
    const payload = await event(demo, 'session.status', () => true);
    must(payload['status'] === status, `it says ${payload['status']}, expected ${status}`);
  }
};

const link = async (demo: Demo): Promise<void> => {
  const { api, webhookUrl } = demo;
  await step(`POST /api/sessions creates the session '${session}'`, () =>
    api.post('/api/sessions', {
      name: session,
      config: {
        metadata: { team: 'demo' },
        webhooks: [
          { url: webhookUrl, events: ['session.status', 'message', 'message.ack'], hmac: { key: secrets.hmac } },
        ],
      },
    }),
  );
  await step('the webhooks say STARTING, SCAN_QR_CODE', () => statuses(demo, 'STARTING', 'SCAN_QR_CODE'));
  const qr = await step('GET /api/demo/auth/qr gives the code', () =>
    api.get<{ value: string }>(`/api/${session}/auth/qr?format=raw`),
  );
  const type = process.stdout.isTTY ? 'terminal' : 'utf8';
  console.log(await qrcode.toString(qr.value, { type, small: true }));
  await step(`the phone ${phone.number} scans it`, () =>
    api.post(`/api/sandbox/phones/${phone.number}/scan`, { qr: qr.value }),
  );
  await step('the webhooks say STARTING, WORKING', () => statuses(demo, 'STARTING', 'WORKING'));
  await step('GET /api/sessions/demo agrees, and knows who is logged in', async () => {
    const info = await api.get<{ status: string; me: { id: string } | null }>(`/api/sessions/${session}`);
    must(info.status === 'WORKING', `it says ${info.status}`);
    must(info.me?.id === `${phone.number}@c.us`, `it says that ${info.me?.id} is logged in`);
  });
};

const chat = async (demo: Demo): Promise<void> => {
  const { api } = demo;
  await api.post('/api/sandbox/contacts', { ...contact, reads: false });
  await step(`${contact.name} writes "Hello"`, () =>
    api.post(`/api/sandbox/contacts/${contact.number}/messages`, { to: phone.number, text: 'Hello' }),
  );
  const message = await step('the webhook brings it, and its HMAC-SHA512 is right', () =>
    event(demo, 'message', ({ body }) => body === 'Hello'),
  );
  console.log(`    from ${message['from']}: ${message['body']}`);
  const answer = `Hello ${contact.name}, this is waha-runtime.`;
  const sent = await step('POST /api/sendText answers', () =>
    api.post<{ id: string }>('/api/sendText', { session, chatId: message['from'], text: answer }),
  );
  const inbox = await step(`${contact.name} has decrypted the answer`, async () => {
    const got = await api.get<{ id: string; text?: string }[]>(
      `/api/sandbox/contacts/${contact.number}/messages?waitMs=15000`,
    );
    must(got.length === 1 && got[0]?.text === answer, `the contact got ${JSON.stringify(got.map(({ text }) => text))}`);
    return got;
  });
  console.log(`    ${contact.name} sees: ${inbox[0]?.text}`);
  await step(`${contact.name} reads it`, () =>
    api.post(`/api/sandbox/contacts/${contact.number}/read`, { id: inbox[0]?.id }),
  );
  await step('the webhook says READ for this very message', () =>
    event(demo, 'message.ack', ({ id, ackName }) => id === sent.id && ackName === 'READ'),
  );
};

const leave = async (demo: Demo): Promise<void> => {
  await step('POST /api/sessions/demo/logout unlinks the device', async () => {
    await demo.api.post(`/api/sessions/${session}/logout`);
    const { devices } = await demo.api.get<{ devices: unknown[] }>(`/api/sandbox/phones/${phone.number}`);
    must(devices.length === 0, `the phone still has ${devices.length} linked devices`);
  });
  await step('the webhooks say that it waits for the next phone', async () => {
    const next = async (): Promise<unknown> => (await event(demo, 'session.status', () => true))['status'];
    while ((await next()) !== 'SCAN_QR_CODE');
  });
};

const main = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'waha-demo-'));
  const receiver = new WebhookReceiver(secrets.hmac);
  const waha = new WahaProcess('configs/sandbox.yaml', {
    WHATSAPP_API_PORT: '0',
    WAHA_API_KEY: secrets.key,
    WAHA_LOCAL_STORE_BASE_DIR: folder,
  });
  try {
    const url = await step('waha start --config configs/sandbox.yaml', () => waha.ready(), 60_000);
    const demo = { api: new Api(url, secrets.key), receiver, webhookUrl: await receiver.listen() };
    await link(demo);
    await chat(demo);
    await leave(demo);
    await step('SIGTERM stops it cleanly', async () => {
      const code = await waha.stop();
      must(code === 0, `it ended with exit code ${code}`);
    });
  } catch (error) {
    console.error(`✘ ${error instanceof Error ? error.message : String(error)}\n\nWhat waha said:\n${waha.output}`);
    process.exitCode = 1;
  } finally {
    await waha.stop();
    receiver.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

await main();
