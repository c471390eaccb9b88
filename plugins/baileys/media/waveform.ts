import { readFile } from 'node:fs/promises';
import type { SendFile } from 'waha-runtime';
import { BARS, type Sound, sounds } from './sound-thread.ts';

/** Of what cannot be decoded, or is too long to be decoded here. */
export const flatWaveform = (): Uint8Array => new Uint8Array(BARS);

/** The bars of a voice message, and how long it sounds. Bars of nothing, and no length, when it cannot be decoded. */
export const soundOf = async (content: SendFile['content']): Promise<Pick<Sound, 'bars'> & Partial<Sound>> => {
  const bytes = content instanceof Uint8Array ? content : await readFile(content.path);
  return (await sounds.read(bytes)) ?? { bars: flatWaveform() };
};
