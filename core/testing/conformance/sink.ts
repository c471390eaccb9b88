import { afterEach, describe, expect, it } from 'vitest';
import { eventNames } from '../../contracts/event-names.ts';
import type { RuntimeEvent } from '../../contracts/events.ts';
import { createTestHost, type TestHost } from '../create-test-host.ts';
import type { PluginValue } from '../test-host-options.ts';

/** How `describeSink` configures a sink, reads what it delivered, and cleans up after it. */
export interface SinkSuiteOptions {
  /** Called before each test: gives the plugin's config, with a place of its own to write to. */
  config(): unknown;
  /** What arrived at that place so far, in order. Called again and again until it is all there. */
  read(): readonly RuntimeEvent[] | Promise<readonly RuntimeEvent[]>;
  /** Called after each test, when the plugin is closed. */
  readonly afterEach?: () => void | Promise<void>;
}

/** What a sink that takes every event promises. */
export const describeSink = (name: string, plugin: PluginValue, options: SinkSuiteOptions): void => {
  describe(`sink ${name}`, () => {
    let host: TestHost | null = null;
    const start = async (sessions?: readonly string[]) => {
      const scope = sessions ? { sessions: { include: sessions } } : {};
      const entry = { use: plugin, config: options.config(), ...scope };
      host = await createTestHost({ plugins: [entry], sessions: ['default', 'other'] });
      return host;
    };
    const arrived = async (count: number): Promise<readonly RuntimeEvent[]> => {
      await expect.poll(async () => (await options.read()).length, { interval: 10 }).toBeGreaterThanOrEqual(count);
      return options.read();
    };
    afterEach(async () => {
      const open = host;
      host = null;
      await open?.close();
      await options.afterEach?.();
    });

    it('delivers every kind of event as it is, in the order of publishing', async () => {
      const { emit, events } = bound(await start());
      for (const event of eventNames) await emit(event);
      const wanted = events.filter(({ event }) => event !== 'engine.event' && event !== 'session.status');
      const got = (await arrived(events.length - 1)).filter(({ id }) => wanted.some((event) => event.id === id));
      expect(got.map(withoutUndefined)).toEqual(wanted.map(withoutUndefined));
    });

    it('keeps text of every script, line breaks and 100,000 characters', async () => {
      const { emit, events } = bound(await start());
      const bodies = ['שלום 👨‍👩‍👧 \u2028 "quoted"', 'two\nlines\r\n', 'x'.repeat(100_000)];
      for (const body of bodies) await emit('message', { body });
      const got = (await arrived(events.length)).filter(({ event }) => event === 'message');
      expect(got.map(({ payload }) => (payload as { body?: string }).body)).toEqual(bodies);
    });

    it('takes 200 events at once and loses none', async () => {
      const { emit, events } = bound(await start());
      const sent = await Promise.all(Array.from({ length: 200 }, (_, index) => emit('message', { body: `${index}` })));
      const got = (await arrived(events.length)).filter(({ event }) => event === 'message');
      expect(got.map(({ id }) => id)).toEqual(sent.map((event) => event?.id));
    });

    it('has everything delivered when it is closed, and leaves nothing behind', async () => {
      const open = await start();
      const sent = await open.emit('message', { body: 'the last one' });
      host = null;
      await open.close();
      expect((await arrived(1)).map(({ id }) => id)).toContain(sent?.id);
    });

    it('sees no event of a session that it is not for', async () => {
      const { emit } = bound(await start(['other']));
      await emit('message', { body: 'secret' });
      await emit('message', { body: 'for us' }, { session: 'other' });
      expect((await arrived(1)).every(({ session }) => session === 'other')).toBe(true);
    });
  });
};

const bound = (host: TestHost) => ({ emit: host.emit.bind(host), events: host.events });

const withoutUndefined = (event: RuntimeEvent): unknown => JSON.parse(JSON.stringify(event));
