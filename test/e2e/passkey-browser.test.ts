import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Passkey } from '../../plugins/sandbox/linking/passkey.ts';
import { Browser, chromiumPath } from '../support/browser.ts';
import { apiKey } from '../support/deployment.ts';
import { World } from '../support/world.ts';

const number = '4915200006200';

describe.skipIf(chromiumPath === null)('a passkey in a browser', () => {
  let world: World;
  let browser: Browser;
  beforeAll(async () => {
    world = await World.start();
    browser = await Browser.start();
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  it('signs what the helper page asks for, on a page of WhatsApp, and the session is WORKING', async () => {
    const { api, hooks, sandbox } = world;
    const { primary } = sandbox.phone(number);
    primary.policy = { passkey: { alwaysAsks: true } };
    await api.post('/api/sessions', { name: 'ana' });
    await hooks.status('ana', 'SCAN_QR_CODE');
    const { body } = await api.get('/api/ana/auth/qr?format=raw');
    primary.scan(body.value).catch(() => undefined);
    await hooks.status('ana', 'PASSKEY_REQUIRED');

    const helper = await browser.open(`${api.url}/passkey/?session=ana`);
    await helper.getByLabel('API key').fill(apiKey);
    await helper.getByRole('button', { name: 'Get the line' }).click();
    const line = helper.getByLabel('Line for the console');
    await expect.poll(() => line.inputValue()).toContain('navigator.credentials.get');

    const answer = await browser.signsOn('https://web.whatsapp.com/', new Passkey(number), await line.inputValue());
    await helper.getByLabel('What the console shows').fill(answer);
    await helper.getByRole('button', { name: 'Send it to WhatsApp' }).click();
    await hooks.status('ana', 'PASSKEY_CONFIRMATION_REQUIRED');
    const shown = helper.locator('output');
    await expect.poll(() => shown.textContent()).toBe(primary.ceremony?.code);
    expect(primary.ceremony?.confirm((await shown.textContent()) ?? '')).toBe(true);
    await hooks.status('ana', 'WORKING');
    await expect.poll(() => helper.getByRole('status').textContent()).toBe('WORKING');
    expect(helper.seen.complaints).toEqual([]);
  });

  it('cannot be used on the helper page itself: it belongs to WhatsApp', async () => {
    const line =
      '(async () => { prompt("", await navigator.credentials.get({ publicKey: { challenge: new Uint8Array(32), rpId: "whatsapp.com" } }).catch((error) => error.name)); })()';
    expect(
      await browser.signsOn(`${world.api.url.replace('127.0.0.1', 'localhost')}/passkey/`, new Passkey(number), line),
    ).toBe('SecurityError');
  });
});
