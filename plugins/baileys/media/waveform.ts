import { readFile } from 'node:fs/promises';
import type { SendFile } from 'waha-runtime';

/** What a phone draws: this many bars of 0 to 100. */
const BARS = 64;

/** Of what cannot be decoded, or is too long to be decoded here. */
export const flatWaveform = (): Uint8Array => new Uint8Array(BARS);

/**
 * The bars of a voice message: the mean loudness of each part, the loudest one 100. Flat when the sound cannot be decoded.
 *
 * A trap: audio-decode 2.2.3 reads the whole memory behind a `Buffer` and not the part that it is a view of, and small files
 * lie in memory that Node shares between buffers. So it gets a copy of its own. Baileys rc14 does not make one, and small
 * voice messages then go out without a waveform.
 */
export const waveformOf = async (content: SendFile['content']): Promise<Uint8Array> => {
  const bytes = content instanceof Uint8Array ? content : await readFile(content.path);
  try {
    const { default: decode } = await import('audio-decode');
    return barsOf((await decode(new Uint8Array(bytes))).getChannelData(0));
  } catch {
    return flatWaveform();
  }
};

const barsOf = (samples: Float32Array): Uint8Array => {
  const length = Math.floor(samples.length / BARS);
  const means = Array.from({ length: BARS }, (_, bar) => {
    const part = samples.subarray(bar * length, (bar + 1) * length);
    return part.reduce((sum, sample) => sum + Math.abs(sample), 0) / Math.max(1, length);
  });
  const loudest = Math.max(...means);
  return Uint8Array.from(means, (mean) => (loudest > 0 ? Math.floor((100 * mean) / loudest) : 0));
};
