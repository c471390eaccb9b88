import { describe, expect, it } from 'vitest';
import { warmUp } from './rounds.ts';

/** Warms up a side that takes so many a second, or as many as it says for the messages before; the clock is the side's. */
const warmed = async (rate: number | ((taken: number) => number), quick?: number) => {
  const bursts: number[] = [];
  let clock = 0;
  let taken = 0;
  const send = async (messages: number) => {
    const perSecond = typeof rate === 'number' ? rate : rate(taken);
    bursts.push(messages);
    taken += messages;
    clock += (messages / perSecond) * 1000;
    return perSecond;
  };
  const round = await warmUp({ send, now: () => clock, ...(quick === undefined ? {} : { quick }) });
  return { round, taken, clock, bursts };
};

describe('a round', () => {
  it('has as many messages as a side takes in four seconds', async () => {
    expect((await warmed(700)).round).toBe(2800);
    expect((await warmed(82)).round).toBe(328);
  });

  it('has 100 messages at least, and 4,000 at most', async () => {
    expect((await warmed(20)).round).toBe(100);
    expect((await warmed(1700)).round).toBe(4000);
  });

  it('goes by the rate of the last burst, not by what a side took while it was compiled', async () => {
    expect((await warmed((taken) => (taken < 3200 ? 300 : 900))).round).toBe(3600);
  });

  it('is as short as ever in a quick run', async () => {
    expect(await warmed(1000, 300)).toMatchObject({ round: 300, bursts: [300] });
    expect((await warmed(30, 300)).round).toBe(120);
  });
});

describe('warming up', () => {
  it('ends after 6,400 messages', async () => {
    const { taken, bursts } = await warmed(1000);
    expect(bursts.slice(0, 2)).toEqual([100, 1600]);
    expect(taken).toBe(6500);
  });

  it('ends after 20 seconds, give or take a burst', async () => {
    expect(await warmed(20)).toMatchObject({ clock: 20_000, bursts: [100, 100, 100, 100] });
    expect((await warmed(80)).clock).toBeLessThan(25_000);
  });
});
