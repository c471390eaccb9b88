import { describe, expect, it } from 'vitest';
import { SoundThread } from '../../../../plugins/baileys/media/sound-thread.ts';
import { soundOf } from '../../../../plugins/baileys/media/waveform.ts';
import { louderTone } from '../../../support/wav.ts';

describe('the waveform of a voice message', () => {
  it('has 64 bars, and the loudest is 100', async () => {
    const bars = [...(await soundOf(louderTone())).bars];
    expect([bars.length, Math.max(...bars)]).toEqual([64, 100]);
    expect(bars.slice(0, 8).every((bar) => bar < 40)).toBe(true);
  });

  it('is the same of bytes that lie within other bytes', async () => {
    const file = louderTone();
    const within = Buffer.concat([Buffer.alloc(100, 1), file, Buffer.alloc(100, 2)]).subarray(100, 100 + file.length);
    expect(await soundOf(within)).toEqual(await soundOf(file));
  });

  it('is flat for what is no sound', async () => {
    expect([...(await soundOf(Buffer.from('no sound at all'))).bars]).toEqual(Array(64).fill(0));
  });

  it('is made beside the event loop, in turn, and its length comes with it', async () => {
    const [first, second] = await Promise.all([soundOf(louderTone()), soundOf(louderTone())]);
    expect([first.seconds, second.seconds]).toEqual([1, 1]);
  });

  it('is flat for those that come while too many wait, and that is counted', async () => {
    const thread = new SoundThread();
    const read = await Promise.all(Array.from({ length: 40 }, () => thread.read(louderTone())));
    expect(read.filter((sound) => sound === null)).toHaveLength(7);
    const counted = thread.collect().map(({ labels, value }) => [labels?.['outcome'], value]);
    expect(counted).toEqual([
      ['decoded', 33],
      ['failed', 0],
      ['refused', 7],
      [undefined, 0],
    ]);
  });
});
