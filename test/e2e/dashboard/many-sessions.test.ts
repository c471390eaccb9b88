import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../core/deadline.ts';
import { Browser, chromiumPath } from '../../support/browser.ts';
import { type SandboxDeployment, sandboxDeployment, signIn, visit } from './sandbox-deployment.ts';

const count = 1_000;
const perSecond = 50;
const seconds = 4;
const nameOf = (number: number): string => `shop-${String(number).padStart(4, '0')}`;

/** How the page keeps up: the time between its frames (ms), what it holds, and how many elements it has. */
interface Figures {
  readonly frames: readonly number[];
  readonly heapMb: number;
  readonly elements: number;
}

const watch = `
  window.frames_ = [];
  let last = performance.now();
  const next = (now) => { window.frames_.push(now - last); last = now; window.watching = requestAnimationFrame(next); };
  window.watching = requestAnimationFrame(next);
`;

describe.skipIf(!chromiumPath)('the dashboard with 1,000 sessions and 50 events a second', () => {
  let deployment: SandboxDeployment;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    deployment = await sandboxDeployment();
    for (let number = 0; number < count; number += 50) {
      const some = Array.from({ length: 50 }, (_, index) => ({ name: nameOf(number + index), start: false }));
      await Promise.all(some.map((session) => deployment.api.post('/api/sessions', session)));
    }
    browser = await Browser.start();
    page = await signIn(browser, deployment);
    await page.locator('.session-row').first().waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await deployment?.close();
  });

  const publish = (session: string, event: string, payload: object): Promise<void> =>
    deployment.runtime.bus.publish({ session, event, payload, engine: 'NOWEB' } as never);

  /** One of every kind of load: messages that come, and sessions that change. */
  const happen = (number: number): Promise<void> => {
    const session = nameOf((number * 37) % count);
    if (number % 5 === 0) {
      const payload = { name: session, status: number % 2 ? 'WORKING' : 'FAILED', statuses: [], reason: 'network' };
      return publish(session, 'session.status', payload);
    }
    const id = `false_5511888880001@c.us_${number}`;
    const message = {
      id,
      from: '5511888880001@c.us',
      to: '5511999990001@c.us',
      fromMe: false,
      hasMedia: false,
      ack: 1,
    };
    return publish(session, 'message.any', {
      ...message,
      timestamp: 1_700_000_000 + number,
      body: `message ${number}`,
    });
  };

  const load = async (): Promise<void> => {
    const total = perSecond * seconds;
    for (let number = 0; number < total; number++) {
      await Promise.all([
        happen(number),
        new Promise((resolve) => systemClock.setTimeout(() => resolve(undefined), 1_000 / perSecond)),
      ]);
    }
    await publish(nameOf(0), 'message.any', {
      id: 'last',
      from: 'x@c.us',
      fromMe: false,
      hasMedia: false,
      ack: 1,
      timestamp: 1,
      body: 'the last one',
    });
  };

  const measured = async (): Promise<Figures> => {
    const session = await page.context().newCDPSession(page);
    await session.send('HeapProfiler.collectGarbage');
    const heap = await page.evaluate<number>('performance.memory.usedJSHeapSize');
    return {
      frames: await page.evaluate<number[]>('window.frames_.slice(1)'),
      heapMb: heap / 1_048_576,
      elements: await page.evaluate<number>('document.querySelectorAll("*").length'),
    };
  };

  it.each(['/sessions', '/events'])('does not fall behind on %s', async (path) => {
    await visit(page, path);
    await page.evaluate(watch);
    await load();
    await visit(page, '/events');
    await page.getByText('the last one').first().waitFor();
    const { frames, heapMb, elements } = await measured();
    await page.evaluate('cancelAnimationFrame(window.watching)');
    const sorted = frames.toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
    console.info(
      `${path}: ${frames.length} frames, median ${median.toFixed(1)} ms, longest ${sorted.at(-1)?.toFixed(0)} ms, heap ${heapMb.toFixed(1)} MB, ${elements} elements`,
    );
    // A page that falls behind paints a few frames a second and keeps what it shows no more: margins are for busy machines.
    expect(median).toBeLessThan(100);
    expect(heapMb).toBeLessThan(100);
    expect(elements).toBeLessThan(2_500);
  });

  it('scrolls to any of them, and finds any of them', async () => {
    await visit(page, '/sessions');
    await page.locator('.session-row', { hasText: nameOf(0) }).waitFor();
    await page.locator('.virtual-list').evaluate((list: { scrollTop: number; scrollHeight: number }) => {
      list.scrollTop = list.scrollHeight;
    });
    await page.locator('.session-row', { hasText: nameOf(count - 1) }).waitFor();
    expect(await page.locator('.session-row').count()).toBeLessThan(60);
    await page.getByLabel('Find a session').fill('0777');
    await expect.poll(() => page.locator('.session-name strong').allTextContents()).toEqual([nameOf(777)]);
  });
});
