import { afterEach, describe, expect, it } from 'vitest';
import { definePlugin, Points } from '../../../core/index.ts';
import { FilesHost } from './host.ts';

let host: FilesHost;
afterEach(() => host.host.close());

const pass = (seconds: number) => host.host.clock.pass(seconds * 1000);

describe('the lifetime of a file', () => {
  it('counts from the delivery of its event', async () => {
    host = await FilesHost.start({ lifetimeSeconds: 180 });
    const media = await host.message('one');
    await pass(150);
    expect(await host.status(media)).toBe(200);
    await pass(90);
    expect([await host.status(media), host.storage.files.size]).toEqual([404, 0]);
  });

  it('does not begin while the event is not delivered, and begins anew with the last delivery', async () => {
    host = await FilesHost.start({ lifetimeSeconds: 180 });
    host.receivers(false);
    const media = await host.message('one');
    await pass(3600);
    expect(await host.status(media)).toBe(200);
    host.receivers(true);
    await pass(10);
    expect(host.host.webhooks.at(-1)?.payload).toMatchObject({ media: { url: media.url } });
    await pass(165);
    expect(await host.status(media)).toBe(200);
    await pass(60);
    expect(await host.status(media)).toBe(404);
  });

  it('waits for a sink that follows the log, as far as it has read', async () => {
    let read = false;
    const follower = definePlugin({
      name: 'follower',
      setup: ({ contribute }) =>
        contribute(Points.EventSink, {
          name: 'follower',
          deliver: () => undefined,
          oldestNeeded: () => (read ? Number.MAX_SAFE_INTEGER : 0),
        }),
    });
    host = await FilesHost.start({ lifetimeSeconds: 60 }, [{ use: follower }]);
    const media = await host.message('one');
    await pass(600);
    expect(await host.status(media)).toBe(200);
    read = true;
    await pass(130);
    expect(await host.status(media)).toBe(404);
  });

  it('keeps the file when a sink cannot say what became of its events', async () => {
    const deliveryStatus = async () => Promise.reject(new Error('the disk is full'));
    const sink = { name: 'odd', deliver: () => undefined, deliveryStatus };
    const odd = definePlugin({ name: 'odd', setup: ({ contribute }) => contribute(Points.EventSink, sink) });
    host = await FilesHost.start({ lifetimeSeconds: 60 }, [{ use: odd }]);
    const media = await host.message('one');
    await pass(600);
    expect(await host.status(media)).toBe(200);
    expect(host.host.logged.some(({ message }) => message.includes('a sink could not say'))).toBe(true);
  });

  it('begins anew when somebody asks for the file of the message again, and nothing is fetched then', async () => {
    host = await FilesHost.start({ lifetimeSeconds: 180 });
    const file = host.file('one');
    const media = await host.files.receive(file);
    await pass(170);
    const fetch = () => {
      throw new Error('it is there');
    };
    expect(await host.files.receive({ ...file, fetch })).toEqual(media);
    await pass(170);
    expect(await host.status(media)).toBe(200);
    await pass(60);
    expect(await host.status(media)).toBe(404);
  });

  it('has no end with 0', async () => {
    host = await FilesHost.start({ lifetimeSeconds: 0 });
    const media = await host.message('one');
    await pass(4 * 3600);
    expect(await host.status(media)).toBe(200);
  });

  it('ends with its session, even one without end', async () => {
    host = await FilesHost.start({ lifetimeSeconds: 0 });
    const [media, other] = [await host.message('one'), await host.message('two', { session: 'other' })];
    const removed = host.host.sessions.remove('default');
    await pass(60);
    await removed;
    await pass(60);
    expect([await host.status(media), await host.status(other)]).toEqual([404, 200]);
  });
});

describe('the first look at the storage', () => {
  it('removes what a crash left of ours, and nothing of anybody else', async () => {
    const left = ['default/false_123@c.us_3EB0.jpg', `default/${'a1'.repeat(20)}.bin`, 'docs/README.md'];
    host = await FilesHost.start({}, [], (storage) => {
      for (const place of left) storage.files.set(place, Buffer.from('x'));
    });
    expect([...host.storage.files.keys()]).toEqual(['docs/README.md']);
  });
});

describe('room for files', () => {
  it('is made by removing the oldest ones that are delivered', async () => {
    host = await FilesHost.start({ lifetimeSeconds: 0, maxTotalBytes: 100 });
    host.receivers(false);
    const pending = await host.message('p'.repeat(40));
    await pass(1);
    host.receivers(true);
    const first = await host.message('a'.repeat(30), { session: 'other' });
    await pass(1);
    const second = await host.message('b'.repeat(30), { session: 'other' });
    host.receivers(true);
    await pass(1);
    const third = await host.message('c'.repeat(30), { session: 'other' });
    const statuses = await Promise.all([pending, first, second, third].map((media) => host.status(media)));
    expect(statuses).toEqual([200, 404, 200, 200]);
  });

  it('is refused when nothing can go, and the event says so', async () => {
    host = await FilesHost.start({ lifetimeSeconds: 0, maxTotalBytes: 100 });
    host.receivers(false);
    await host.message('p'.repeat(80));
    const media = await host.message('q'.repeat(30));
    expect(media).toMatchObject({
      url: null,
      error: { code: 'storage_full', message: 'there is no room for the file' },
    });
  });

  it('is never made when the config refuses instead', async () => {
    host = await FilesHost.start({ lifetimeSeconds: 0, maxTotalBytes: 100, overflow: 'refuse' });
    const kept = await host.message('p'.repeat(80));
    await pass(10);
    expect((await host.message('q'.repeat(30))).error).toMatchObject({ code: 'storage_full' });
    expect(await host.status(kept)).toBe(200);
  });
});
