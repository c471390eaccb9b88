import { afterEach, describe, expect, it } from 'vitest';
import { definePlugin, type EventFilter, Points, type RuntimeEvent } from 'waha-runtime';
import { createTestHost, type TestHost } from 'waha-runtime/testing';

let host: TestHost;
afterEach(() => host.close());

/** Starts a plugin with this filter for messages, and gives what a filter before it and a listener behind it see. */
const around = async (filter: (event: RuntimeEvent) => unknown) => {
  const before: { id: string; timestamp: number }[] = [];
  const after: RuntimeEvent[] = [];
  const first = definePlugin({
    name: 'first',
    setup: ({ contribute }) =>
      contribute(Points.EventFilter, {
        name: 'looks',
        filter(event) {
          if (event.event === 'message') before.push({ id: event.id, timestamp: event.timestamp });
          return event;
        },
      }),
  });
  const changing = definePlugin({
    name: 'changing',
    setup: ({ contribute }) =>
      contribute(Points.EventFilter, {
        name: 'odd',
        filter: (event) => (event.event === 'message' ? filter(event) : event),
      } as EventFilter),
  });
  const last = definePlugin({ name: 'last', setup: ({ on }) => on('message', (event) => void after.push(event)) });
  host = await createTestHost({ plugins: [first, changing, last, 'waha-api'] });
  return { before, after };
};

const placesOf = (events: readonly RuntimeEvent[]) => events.map(({ id, timestamp }) => ({ id, timestamp }));
const complaints = () => host.logged.filter(({ message }) => message.includes("filter 'odd'"));
const counts = () => host.plugins.find(({ name }) => name === 'changing')?.contributions?.["filter 'odd'"];

describe('a filter that changes the id or the timestamp of an event', () => {
  const metadata = { seen: 'yes' };

  it.each<[string, (event: RuntimeEvent) => unknown]>([
    ['a new id', (event) => ({ ...event, metadata, id: 'evt_mine' })],
    ['a new timestamp', (event) => ({ ...event, metadata, timestamp: 1 })],
    ['neither of them', ({ id: _, timestamp: __, ...rest }) => ({ ...rest, metadata })],
    ['both changed in place', (event) => Object.assign(event, { metadata, id: 'evt_mine', timestamp: 1 })],
  ])('gets both put back, and its other changes hold: %s', async (_, filter) => {
    const { before, after } = await around(filter);
    for (const body of ['1', '2']) await host.emit('message', { body });
    expect(placesOf(after)).toEqual(before);
    expect(new Set(before.map(({ id }) => id)).size).toBe(2);
    expect(after.map((event) => event.metadata)).toEqual([metadata, metadata]);
  });

  it('is told of once, by its plugin and name, and goes on', async () => {
    const { after } = await around((event) => ({ ...event, timestamp: 1 }));
    for (const body of ['1', '2', '3', '4', '5', '6']) await host.emit('message', { body });
    expect(after).toHaveLength(6);
    expect(complaints()).toEqual([
      expect.objectContaining({
        level: 'error',
        fields: expect.objectContaining({ plugin: 'changing' }),
        message:
          "filter 'odd' changes the id or timestamp of events; both are put back, for the event log goes by them",
      }),
    ]);
    expect(counts()).toMatchObject({ failed: 0, suspended: false });
  });

  it('and then throws leaves them as they were', async () => {
    const { before, after } = await around((event) => {
      Object.assign(event, { id: 'evt_mine', timestamp: 1 });
      throw new Error('broken');
    });
    await host.emit('message', { body: '1' });
    expect(placesOf(after)).toEqual(before);
  });
});

describe('a filter that answers no event', () => {
  it.each([[true], ['yes'], [1], [{}], [{ event: 'message' }]])('is passed over: %j', async (answer) => {
    const { before, after } = await around(() => answer);
    await host.emit('message', { body: '1' });
    expect(placesOf(after)).toEqual(before);
    expect(counts()).toMatchObject({ failed: 1 });
  });

  it('is passed over when the log could not write down what it answers', async () => {
    const { before, after } = await around((event) => ({ ...event, metadata: { count: 1n } }));
    await host.emit('message', { body: '1' });
    expect(placesOf(after)).toEqual(before);
    expect(after.map(({ metadata }) => metadata)).toEqual([{}]);
    expect(counts()).toMatchObject({ failed: 1 });
  });
});
