import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, chromiumPath, type Seen } from '../../support/browser.ts';
import { apiKey } from '../../support/deployment.ts';
import { type SandboxDeployment, sandboxDeployment } from './sandbox-deployment.ts';

const phone = '5511999990001';
const contact = '5511888880001';
/** One red pixel. */
const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

describe.skipIf(!chromiumPath)('a person who has never seen the program', () => {
  let deployment: SandboxDeployment;
  let browser: Browser;
  let page: Page & { readonly seen: Seen };

  beforeAll(async () => {
    deployment = await sandboxDeployment();
    browser = await Browser.start();
  });
  afterAll(async () => {
    await browser?.close();
    await deployment?.close();
  });

  const bubble = (text: string) => page.locator('.bubble', { hasText: text });
  const inbox = async (): Promise<{ id: string; text: string; message: Record<string, unknown> }[]> =>
    (await deployment.api.get(`/api/sandbox/contacts/${contact}/messages?waitMs=20000`)).body;

  it('is led from / to the dashboard, and signs in with the key alone', async () => {
    page = await browser.open(`${deployment.runtime.url}/`);
    expect(new URL(page.url()).pathname).toBe('/dashboard/');
    await page.getByLabel('API key').fill('another key');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('does not take this key').waitFor();
    await page.getByLabel('API key').fill(apiKey);
    await page.keyboard.press('Enter');
    await page.getByText('No sessions yet').waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
  });

  it('creates a session, and links it by looking at the code on the page', async () => {
    await page.getByRole('button', { name: 'Create the first session' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
    const code = page.getByRole('img', { name: 'QR code to scan' });
    await code.waitFor();
    const qr = await browser.readQr(await code.screenshot());
    expect(qr).toBe((await deployment.api.get('/api/default/auth/qr?format=raw')).body.value);
    expect((await deployment.api.post(`/api/sandbox/phones/${phone}/scan`, { qr })).status).toBe(201);
    await page.locator('.now').getByText('Working').waitFor();
    await page.getByText(`+${phone}`).waitFor();
    expect(await code.count()).toBe(0);
  });

  it('sees a message come, answers it, and sees the answer arrive', async () => {
    await page.getByRole('link', { name: 'Open the chats' }).click();
    await deployment.api.post(`/api/sandbox/contacts/${contact}/messages`, { to: phone, text: 'Is it open today?' });
    await page.locator('.chat-row', { hasText: 'Is it open today?' }).click();
    await bubble('Is it open today?').waitFor();
    await page.getByLabel('Message', { exact: true }).fill('Until six.');
    await page.keyboard.press('Enter');
    expect(await inbox()).toMatchObject([{ text: 'Until six.' }]);
    await bubble('Until six.').getByText('delivered').waitFor();
    const [answer] = await inbox();
    await deployment.api.post(`/api/sandbox/contacts/${contact}/read`, { id: answer?.id });
    await bubble('Until six.').getByText('read', { exact: true }).waitFor();
    expect(await page.locator('.bubble').count()).toBe(2);
  });

  it('replies to a message with the message quoted', async () => {
    await bubble('Is it open today?').getByRole('button', { name: 'Reply' }).click();
    await page.getByLabel('Message', { exact: true }).fill('And tomorrow, too.');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await bubble('And tomorrow, too.').waitFor();
    await expect.poll(inbox).toHaveLength(2);
    expect(JSON.stringify((await inbox())[1]?.message)).toContain('Is it open today?');
    await bubble('And tomorrow, too.').locator('blockquote', { hasText: 'Is it open today?' }).waitFor();
  });

  it('sees a picture that comes, and sends one', async () => {
    const media = { kind: 'image', data: png, mimetype: 'image/png' };
    await deployment.api.post(`/api/sandbox/contacts/${contact}/messages`, { to: phone, media });
    const picture = page.locator('.bubble.theirs img.picture');
    await picture.waitFor();
    expect(await picture.evaluate((image: { naturalWidth: number }) => image.naturalWidth)).toBe(1);
    const file = { name: 'dot.png', mimeType: 'image/png', buffer: Buffer.from(png, 'base64') };
    await page.getByLabel('Attach a file').setInputFiles(file);
    await page.getByLabel('Message', { exact: true }).fill('A dot');
    await page.keyboard.press('Enter');
    await bubble('A dot').waitFor();
    await expect.poll(inbox).toHaveLength(3);
    expect((await inbox())[2]?.message).toHaveProperty('imageMessage');
  });

  it('plays the contact by hand, too', async () => {
    await page.getByRole('link', { name: 'Sandbox' }).click();
    await page.locator('.contact-row', { hasText: `+${contact}` }).click();
    await page.locator('.talk-lines').getByText('Until six.').waitFor();
    await page.getByLabel('What the contact writes').fill('Thank you!');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Chats' }).click();
    await page.locator('.chat-row', { hasText: 'Thank you!' }).waitFor();
  });

  it('stops, starts, logs out and deletes the session', async () => {
    const now = page.locator('.now');
    await page.getByRole('link', { name: 'Sessions' }).click();
    await page.getByRole('link', { name: 'default' }).click();
    await page.getByRole('button', { name: 'Stop' }).click();
    await now.getByText('Stopped').waitFor();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await now.getByText('Working').waitFor();
    // The page says "Working" until it hears of the restart: a logout before the session is connected again unlinks nothing.
    const steps = await page.locator('.timeline li').count();
    await page.getByRole('button', { name: 'Restart' }).click();
    await page
      .locator('.timeline li')
      .nth(steps + 1)
      .waitFor();
    await now.getByText('Working').waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Log out' }).click();
    await page.getByText('is logged out').waitFor();
    expect((await deployment.api.get(`/api/sandbox/phones/${phone}`)).body.devices).toEqual([]);
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No sessions yet').waitFor();
    expect((await deployment.api.get('/api/sessions?all=true')).body).toEqual([]);
  });

  it('leaves no key in an address or beyond the tab, and nothing that the policy refused', async () => {
    expect(page.seen.urls.filter((url) => url.startsWith('ws:'))).not.toEqual([]);
    expect(page.seen.urls.filter((url) => url.includes(apiKey) || url.includes('x-api-key'))).toEqual([]);
    expect(page.seen.complaints).toEqual([]);
    expect(await page.evaluate('JSON.stringify([{ ...localStorage }, document.cookie])')).not.toContain(apiKey);
    const another = await browser.open(`${deployment.runtime.url}/dashboard/`);
    await another.getByLabel('API key').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key').waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
  });
});
