import { describe, expect, it } from 'vitest';
import { SoundThread } from '../../../../plugins/baileys/media/sound-thread.ts';
import { soundOf } from '../../../../plugins/baileys/media/waveform.ts';

/** A second of a tone that gets louder, as WAV. */
const wav = (): Buffer => {
  const rate = 8000;
  const file = Buffer.alloc(44 + rate * 2);
  file.write('RIFF');
  file.writeUInt32LE(file.length - 8, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(rate * 2, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(rate * 2, 40);
  for (let at = 0; at < rate; at++) file.writeInt16LE(Math.round(32_000 * (at / rate) * Math.sin(at / 3)), 44 + at * 2);
  return file;
};

describe('the waveform of a voice message', () => {
  it('has 64 bars, and the loudest is 100', async () => {
    const bars = [...(await soundOf(wav())).bars];
    expect([bars.length, Math.max(...bars)]).toEqual([64, 100]);
    expect(bars.slice(0, 8).every((bar) => bar < 40)).toBe(true);
  });

  it('is the same of bytes that lie within other bytes', async () => {
    const file = wav();
    const within = Buffer.concat([Buffer.alloc(100, 1), file, Buffer.alloc(100, 2)]).subarray(100, 100 + file.length);
    expect(await soundOf(within)).toEqual(await soundOf(file));
  });

  it('is flat for what is no sound', async () => {
    expect([...(await soundOf(Buffer.from('no sound at all'))).bars]).toEqual(Array(64).fill(0));
  });

  it('is made beside the event loop, in turn, and its length comes with it', async () => {
    const [first, second] = await Promise.all([soundOf(wav()), soundOf(wav())]);
    expect([first.seconds, second.seconds]).toEqual([1, 1]);
  });

  it('is flat for those that come while too many wait, and that is counted', async () => {
    const thread = new SoundThread();
    const read = await Promise.all(Array.from({ length: 40 }, () => thread.read(wav())));
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
