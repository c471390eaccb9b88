import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, chromiumPath } from '../../support/browser.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';
import {
  configure,
  linkedSession,
  type SandboxDeployment,
  sandboxDeployment,
  signIn,
  visit,
} from './sandbox-deployment.ts';

const phone = '5511999990001';
const contact = '5511888880001';

describe.skipIf(!chromiumPath)('the dashboard at work', () => {
  let receiver: Receiver;
  let deployment: SandboxDeployment;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    receiver = await startReceiver({ answers: [500] });
    deployment = await sandboxDeployment((yaml) => {
      const retries = { policy: 'constant', delaySeconds: 0.05, attempts: 2 };
      configure(yaml, 'webhook', { url: `${receiver.url}/hook`, events: ['message', 'call.received'], retries });
      // Somewhere else than usual: the page asks where its server and the events are.
      configure(yaml, 'dashboard', { path: '/tools/board' });
      configure(yaml, 'websocket', { path: '/live/events' });
      Object.assign(yaml.session.timings, { qr: Array.from({ length: 60 }, () => 2_000) });
    });
    await linkedSession(deployment, 'shop', phone);
    browser = await Browser.start();
    page = await signIn(browser, deployment);
  });
  afterAll(async () => {
    await browser?.close();
    await deployment?.close();
    await receiver?.close();
  });

  const write = (text: string) => deployment.api.post(`/api/sandbox/contacts/${contact}/messages`, { to: phone, text });

  it('replays a dead letter, with its attempts and its body', async () => {
    await write('Are you there?');
    await visit(page, '/webhooks');
    await page.getByLabel('Status').selectOption('dead');
    await page.locator('.delivery-row', { hasText: 'message' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Are you there?').waitFor();
    const { body } = await deployment.api.get('/api/webhooks/deliveries?status=dead');
    expect(await dialog.locator('tbody tr').count()).toBe(body.deliveries[0].attempts);
    expect(receiver.requests.length).toBe(body.deliveries[0].attempts);
    receiver.answer(200);
    await dialog.getByRole('button', { name: 'Replay' }).click();
    await dialog.getByText('delivered').waitFor();
    expect(receiver.requests.at(-1)?.json).toMatchObject({ payload: { body: 'Are you there?' } });
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
  });

  it('pauses an endpoint, whose deliveries wait, and lets it go on', async () => {
    const endpoint = page.locator('.endpoint');
    await endpoint.getByRole('button', { name: 'Pause' }).click();
    await endpoint.getByText('paused', { exact: true }).waitFor();
    const before = receiver.requests.length;
    await write('Is it paused?');
    await page.getByLabel('Status').selectOption('pending');
    await page.locator('.delivery-row').waitFor();
    expect(receiver.requests.length).toBe(before);
    await endpoint.getByRole('button', { name: 'Go on' }).click();
    await expect.poll(() => receiver.requests.at(-1)?.text).toContain('Is it paused?');
  });

  it('sends a test to an endpoint and tells what it answered', async () => {
    await page.locator('.endpoint').getByRole('button', { name: 'Test' }).click();
    await page.getByText(/Taken in \d+ ms/).waitFor();
  });

  it('shows events as they happen, filters them, and copies one as JSON by one click', async () => {
    await visit(page, '/events');
    await page.getByLabel('Event', { exact: true }).selectOption('message.any');
    await page.getByLabel('Session', { exact: true }).selectOption('shop');
    await write('Only this one');
    await page.getByLabel('Find in events').fill('only this ONE');
    const row = page.locator('.event-row');
    await row.getByText('Only this one').waitFor();
    expect(await row.count()).toBe(1);
    await row.getByRole('button', { name: 'Copy as JSON' }).click();
    await row.getByRole('button', { name: 'Copied' }).waitFor();
    const copied = JSON.parse(await page.evaluate<string>('navigator.clipboard.readText()')) as Record<string, unknown>;
    expect(copied).toMatchObject({ event: 'message.any', session: 'shop', payload: { body: 'Only this one' } });
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByLabel('Find in events').fill('');
    const shown = await row.count();
    await write('Nobody looks');
    await expect.poll(() => receiver.requests.at(-1)?.text).toContain('Nobody looks');
    expect(await row.count()).toBe(shown);
  });

  it('shows a QR code that changes by itself, as the session does', async () => {
    await deployment.api.post('/api/sessions', { name: 'new' });
    await visit(page, '/sessions/new');
    const code = page.getByRole('img', { name: 'QR code to scan' });
    const read = async () => browser.readQr(await code.screenshot());
    await code.waitFor();
    const first = await read();
    await expect.poll(read).not.toBe(first);
    expect(await read()).toContain('https://wa.me/');
  });

  it('gets a pairing code, and shows that the phone took it', async () => {
    await page.getByRole('button', { name: 'Phone number' }).click();
    await page.getByLabel('Phone number, with the country code').fill('+55 11 99999-0002');
    await page.getByRole('button', { name: 'Get a code' }).click();
    const shown = page.getByLabel('Pairing code');
    await shown.waitFor();
    const code = await shown.textContent();
    expect(code).toMatch(/^\w{4}-\w{4}$/);
    expect((await deployment.api.post('/api/sandbox/phones/5511999990002/code', { code })).status).toBe(201);
    await page.locator('.now').getByText('Working').waitFor();
  });

  it('says why a session does not work and when it is tried again, and that it works again', async () => {
    const faults = '/api/sandbox/faults';
    await deployment.api.post(faults, { kind: 'refuse-upgrade', status: 503 });
    await deployment.api.post('/api/sandbox/disconnect', { how: 'reset', phone });
    await visit(page, '/sessions');
    const row = page.locator('.session-row', { hasText: 'shop' });
    await row.getByText(/next try in|trying now/).waitFor();
    await row.getByText(/WhatsApp/).waitFor();
    await deployment.api.delete(faults);
    await row.getByText('Working').waitFor();
    expect(await row.getByText(/next try/).count()).toBe(0);
  });

  it('finds a session by its name and by its status', async () => {
    await deployment.api.post('/api/sessions', { name: 'asleep', start: false });
    const names = () => page.locator('.session-name strong').allTextContents();
    await expect.poll(names).toEqual(['asleep', 'new', 'shop']);
    await page.getByLabel('Find a session').fill('SHO');
    await expect.poll(names).toEqual(['shop']);
    await page.getByLabel('Find a session').fill('');
    await page.getByRole('button', { name: /^Stopped/ }).click();
    await expect.poll(names).toEqual(['asleep']);
  });

  it('says why there are no figures', async () => {
    await page.route('**/metrics', (route) => route.fulfill({ status: 403, json: { message: 'this key may not' } }));
    await visit(page, '/server');
    await page.getByText('this key may not').waitFor();
    await page.route('**/openapi.json', async (route) => {
      const response = await route.fetch();
      const document = await response.json();
      delete document.paths['/metrics'];
      await route.fulfill({ response, json: document });
    });
    await page.reload();
    await page.getByText('- use: metrics').waitFor();
    await page.unrouteAll();
    await page.reload();
    await visit(page, '/');
  });

  it('shows figures, health and plugins', async () => {
    await visit(page, '/server');
    await page.getByRole('img', { name: /^Sessions working: 2 now/ }).waitFor();
    await page.getByText('dashboard', { exact: true }).waitFor();
    await page.locator('.health summary', { hasText: 'websocket' }).click();
    await page.locator('.health').getByText('"clients": 1').waitFor();
  });
});
