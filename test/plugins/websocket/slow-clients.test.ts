import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { numbers, serveEvents } from './serve-events.ts';

const large = { filler: 'x'.repeat(32_000) };
/** More than the buffers of the operating system hold between two sockets of this machine. */
const many = 600;

describe('a client that is slow', () => {
  const bounds = { maxBufferedBytes: 65_536, pingSeconds: 3_600 };

  it('waits in the log instead of in memory, and gets everything once, in order', async () => {
    const { listen, publishMany, counts } = await serveEvents({ websocket: bounds });
    const [slow, quick] = [await listen(), await listen()];
    slow.socket.pause();
    for (let round = 0; round < many / 50; round++) await publishMany(50, large);
    await quick.until(many);
    const stuck = await counts();
    expect(stuck).toMatchObject({ clients: 2, behind: 1, fellBehind: expect.any(Number), closedBehind: 0 });
    expect(stuck['sent']).toBeLessThan(2 * many);
    slow.socket.resume();
    await slow.until(many);
    expect(slow.ids).toEqual(numbers(1, many));
    await publishMany(1);
    await Promise.all([slow.until(many + 1), quick.until(many + 1)]);
    expect(slow.ids).toEqual(quick.ids);
    expect(await counts()).toMatchObject({ behind: 0, sent: 2 * many + 2 });
  });

  it('is bounded by the number of frames, too', async () => {
    const { listen, publishMany, counts } = await serveEvents({
      websocket: { maxBufferedFrames: 5, pingSeconds: 3_600 },
    });
    const client = await listen();
    await publishMany(200);
    await client.until(200);
    expect(client.ids).toEqual(numbers(1, 200));
    expect((await counts())['fellBehind']).toBeGreaterThan(0);
  });

  it('is closed with 1013 and its cursor, when the log forgets what it still has to get', async () => {
    const { listen, publishMany, clock, eventLog, counts } = await serveEvents({
      websocket: bounds,
      events: { maxAgeHours: 0.01 },
    });
    const slow = await listen();
    slow.socket.pause();
    for (let round = 0; round < many / 50; round++) await publishMany(50, large);
    await clock.pass(60_000);
    expect(eventLog.tail).toBe(many - 1);
    slow.socket.resume();
    const { code, reason } = await slow.closed;
    const last = slow.frames.at(-1)?.cursor;
    expect({ code, reason }).toEqual({
      code: 1013,
      reason: `too slow for the event log; connect again with since=${last}`,
    });
    expect(slow.ids).toEqual(numbers(1, last!));
    expect(await counts()).toMatchObject({ closedBehind: 1 });
    const again = await listen(`since=${last}`);
    await again.until(3);
    expect(again.frames.map(({ event, cursor }) => `${event} ${cursor}`)).toEqual([
      `resume.gap ${many - 1}`,
      `chat.archive ${many}`,
      `resume.live ${many}`,
    ]);
  });
});

describe('the heartbeat', () => {
  const beats = { pingSeconds: 30, pongSeconds: 20 };

  it('cuts a client that does not answer, and leaves the others', async () => {
    const { listen, clock, counts } = await serveEvents({ websocket: beats });
    const [deaf, well] = [await listen('', { autoPong: false }), await listen()];
    const pinged = Promise.all([once(deaf.socket, 'ping'), once(well.socket, 'ping')]);
    await clock.pass(30_000);
    await pinged;
    await well.level();
    await clock.run(19_999);
    expect(await counts()).toMatchObject({ clients: 2, cutSilent: 0 });
    await clock.run(1);
    expect(await deaf.closed).toMatchObject({ code: 1006 });
    expect(await counts()).toMatchObject({ clients: 1, cutSilent: 1 });
    const again = once(well.socket, 'ping');
    await clock.pass(10_000);
    await again;
  });

  it('does not judge a client by a ping that it did not get', async () => {
    const { listen, clock, counts } = await serveEvents({ websocket: beats });
    await clock.pass(30_000);
    const client = await listen('', { autoPong: false });
    await clock.run(20_000);
    expect(await counts()).toMatchObject({ clients: 1, cutSilent: 0 });
    client.socket.terminate();
  });

  it('reads what came while its own process stood still, before it judges', async () => {
    const { listen, clock, counts } = await serveEvents({ websocket: beats });
    const [answers, deaf] = [await listen('', { autoPong: false }), await listen('', { autoPong: false })];
    const pinged = Promise.all([once(answers.socket, 'ping'), once(deaf.socket, 'ping')]);
    await clock.pass(30_000);
    await pinged;
    // Its timers are due before it reads: the answer is there, and not seen yet.
    await clock.pass(600_000);
    expect(await counts()).toMatchObject({ clients: 2, cutSilent: 0 });
    answers.socket.pong();
    await answers.level();
    await clock.run(10_000);
    expect(await deaf.closed).toMatchObject({ code: 1006 });
    expect(await counts()).toMatchObject({ clients: 1, cutSilent: 1 });
  });

  it('cuts a client that stands still, however much waits for it', async () => {
    const { listen, clock, publishMany, counts } = await serveEvents({
      websocket: { ...beats, maxBufferedBytes: 65_536 },
    });
    const stuck = await listen();
    stuck.socket.pause();
    for (let round = 0; round < many / 50; round++) await publishMany(50, large);
    // As long as the operating system still takes bytes, it is not standing still.
    await expect.poll(() => clock.run(30_000).then(counts)).toMatchObject({ cutSilent: 1 });
    stuck.socket.resume();
    expect(await stuck.closed).toMatchObject({ code: 1006 });
  });

  it('ends with the plugin', async () => {
    const { clock, close } = await serveEvents({ websocket: beats });
    await close();
    expect(clock.pending.size).toBe(0);
  });
});
