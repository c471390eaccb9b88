import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Broker, hasBroker, type Stored } from '../nats/broker.ts';
import { PublishingProcess } from './publishing-process.ts';
import { apiKey, type Frame, Listener } from './serve-events.ts';

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const rounds = 3;
const perRound = 300;
const idsOf = (events: readonly Pick<Frame, 'payload'>[]): number[] =>
  events.map(({ payload }) => Number(payload['id']));

const eventOf = ({ text }: Stored) => JSON.parse(text) as Frame;

/** Publishes in processes that are killed one after the other, while one client comes back to each of them. */
const publishAndKill = async (nats: string | null) => {
  const folder = mkdtempSync(join(tmpdir(), 'waha-killed-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const received: Frame[] = [];
  const committed: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const running = await PublishingProcess.start({ folder, apiKey, first: round * 1_000_000, nats });
    const since = received.at(-1)?.cursor ?? 0;
    const client = Listener.dial(`${running.url}/ws?x-api-key=${apiKey}&since=${since}`);
    client.onFrame = (frame) => frame.event.startsWith('resume.') || received.push(frame);
    await client.opened;
    await running.until(perRound);
    await running.kill();
    await client.closed;
    committed.push(...running.committed);
  }
  const last = await PublishingProcess.start({ folder, apiKey, first: null, nats });
  cleanups.push(() => last.kill());
  /** What comes from a cursor on, until the client is level. */
  const readOn = async (since: number): Promise<readonly Frame[]> => {
    const client = Listener.dial(`${last.url}/ws?x-api-key=${apiKey}&since=${since}`);
    await new Promise<void>((resolve) => {
      client.onFrame = ({ event }) => event === 'resume.live' && resolve();
    });
    return client.events;
  };
  received.push(...(await readOn(received.at(-1)?.cursor ?? 0)));
  return { received, log: await readOn(0), committed };
};

describe('a process that is killed again and again', () => {
  const title = hasBroker ? 'and a stream' : '(the stream is skipped: no broker; apt-get install nats-server)';

  it(`loses no committed event for a client that resumes ${title}`, { timeout: 240_000 }, async () => {
    const broker = hasBroker ? await Broker.prepare() : null;
    if (broker) cleanups.push(() => broker.close());
    await broker?.start();
    const { received, log, committed } = await publishAndKill(broker?.url ?? null);

    expect(received).toEqual(log);
    const [first] = log.map(({ cursor }) => cursor);
    expect(log.map(({ cursor }) => cursor)).toEqual(log.map((_, index) => Number(first) + index));
    const known = new Set(idsOf(log));
    expect(committed.filter((id) => !known.has(id))).toEqual([]);
    expect(committed.length).toBeGreaterThanOrEqual(rounds * perRound);

    if (!broker) return;
    const streamed = async () => [...new Set(idsOf((await broker.read(await broker.count())).map(eventOf)))];
    await expect.poll(async () => (await streamed()).length, { timeout: 120_000 }).toBe(log.length);
    expect(await streamed()).toEqual(idsOf(log));
  });
});
