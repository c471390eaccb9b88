import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser, chromiumPath } from '../../support/browser.ts';
import { apiKey } from '../../support/deployment.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';
import {
  configure,
  linkedSession,
  type SandboxDeployment,
  sandboxDeployment,
  signIn,
  visit,
} from './sandbox-deployment.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What has the focus, by its name; nothing when it is the page itself. */
const focusedName = `(({ id, tagName, innerText, ariaLabel }) => (id === 'main' || tagName === 'BODY' ? '' : ariaLabel || innerText || ''))(
  document.activeElement,
)`;

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

interface Report {
  readonly passes: readonly { readonly id: string }[];
  readonly violations: readonly Violation[];
}

/** What axe says against the page as it is now. Every view of ours has at least what `looksAt` names. */
const faultsOf = async (page: Page, options: object, looksAt: readonly string[]): Promise<string[]> => {
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(axe);
  const { passes, violations } = await page.evaluate<Report>(`axe.run(${JSON.stringify(options)})`);
  expect(passes.map(({ id }) => id)).toEqual(expect.arrayContaining([...looksAt]));
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
  );
};

/** What is wrong for people who see little, or nothing, or use no mouse. In the dark only what depends on colours can differ. */
const violations = async (page: Page): Promise<string[]> => {
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await faultsOf(page, {}, ['color-contrast', 'button-name']);
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await faultsOf(page, { runOnly: ['color-contrast', 'link-in-text-block'] }, ['color-contrast']);
  return [...light.map((fault) => `light: ${fault}`), ...dark.map((fault) => `dark: ${fault}`)];
};

/** Everything that the dashboard shows, and what proves that it is there. */
const views: readonly (readonly [path: string, ready: string, act?: (page: Page) => Promise<unknown>])[] = [
  ['/sessions', '.session-row'],
  ['/sessions', 'dialog[open]', (page) => page.getByRole('button', { name: 'New session' }).click()],
  ['/sessions/new', '.qr'],
  ['/sessions/new', '.pairing', (page) => page.getByRole('button', { name: 'Phone number' }).click()],
  ['/sessions/shop', '.timeline li'],
  ['/sessions/nobody', '.empty'],
  ['/chats/shop', '.chat-row'],
  ['/chats/shop/5511888880001@c.us', '.bubble'],
  ['/chats/new', '.note'],
  ['/events', '.virtual-list, .empty'],
  ['/events', '.detail', (page) => page.locator('.event-row .row-button').first().click()],
  ['/webhooks', '.delivery-row'],
  ['/webhooks', 'dialog[open] tbody tr', (page) => page.locator('.delivery-row').first().click()],
  ['/server', '.sparkline svg'],
  ['/server', '.health details[open] pre', (page) => page.locator('.health summary').first().click()],
  ['/sandbox', '.person'],
  ['/sandbox', '.talk', (page) => page.locator('.contact-row').first().click()],
];

describe.skipIf(!chromiumPath)('everybody', () => {
  let receiver: Receiver;
  let deployment: SandboxDeployment;
  let browser: Browser;

  beforeAll(async () => {
    receiver = await startReceiver();
    deployment = await sandboxDeployment((yaml) => configure(yaml, 'webhook', { url: `${receiver.url}/hook` }));
    await linkedSession(deployment, 'shop', '5511999990001');
    const { api } = deployment;
    await api.post('/api/sessions', { name: 'new' });
    await api.post('/api/sandbox/contacts/5511888880001/messages', { to: '5511999990001', text: 'Good morning' });
    browser = await Browser.start();
  });
  afterAll(async () => {
    await browser?.close();
    await deployment?.close();
    await receiver?.close();
  });

  /** Shows each view to `look`, and collects what it says. */
  const everyView = async (page: Page, look: (page: Page) => Promise<string[]>): Promise<string[]> => {
    const found: string[] = [];
    for (const [path, ready, act] of views) {
      await visit(page, '/');
      await visit(page, path);
      if (path === '/events') await deployment.api.post('/api/sendText', greeting);
      await act?.(page);
      await page.locator(ready).first().waitFor();
      found.push(...(await look(page)).map((fault) => `${path} ${ready}: ${fault}`));
      if (ready.startsWith('dialog')) await page.keyboard.press('Escape');
    }
    return found;
  };
  const greeting = { session: 'shop', chatId: '5511888880001@c.us', text: 'Good evening' };

  it('can read and use every page, in the light and in the dark', async () => {
    const page = await signIn(browser, deployment);
    expect(await everyView(page, violations)).toEqual([]);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.close();
  });

  it('can use every page on a phone: nothing is wider than the screen', async () => {
    const page = await signIn(browser, deployment);
    await page.setViewportSize({ width: 390, height: 780 });
    const tooWide = 'document.documentElement.scrollWidth - innerWidth';
    const overflow = async () => [await page.evaluate<number>(tooWide)].filter((by) => by > 0).map((by) => `${by} px`);
    expect(await everyView(page, overflow)).toEqual([]);
    await page.close();
  });

  it('can do without a mouse: skip to the content, open a session, come back, write to a chat', async () => {
    const page = await signIn(browser, deployment);
    const press = (...keys: string[]) =>
      keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
    await page.evaluate('document.activeElement?.blur()');
    await press('Tab', 'Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    const focused = () => page.evaluate<string>(focusedName);
    const tabTo = async (pattern: RegExp) => {
      for (let left = 40; left > 0 && !pattern.test(await focused()); left--) await press('Tab');
      expect(await focused()).toMatch(pattern);
    };
    await tabTo(/^shop/);
    await press('Enter');
    await page.getByRole('heading', { name: 'shop', level: 1 }).waitFor();
    await tabTo(/Open the chats/);
    await press('Enter');
    await page.locator('.chat-row').waitFor();
    await tabTo(/Good/);
    await press('Enter');
    await tabTo(/^Message$/);
    await page.keyboard.type('By keys alone');
    await press('Enter');
    await page.locator('.bubble', { hasText: 'By keys alone' }).waitFor();
    await page.close();
  });

  it('keeps the choice of light or dark, and is asked for the key again in another tab', async () => {
    const page = await signIn(browser, deployment);
    const background = () => page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
    const light = await background();
    await page.getByRole('button', { name: 'Light or dark' }).click();
    const dark = await background();
    expect(dark).not.toBe(light);
    await page.reload();
    await page.getByRole('heading', { name: 'Sessions', level: 1 }).waitFor();
    expect(await background()).toBe(dark);
    const another = await browser.open(`${deployment.runtime.url}/dashboard/`);
    await another.getByLabel('API key').fill(apiKey);
  });
});
