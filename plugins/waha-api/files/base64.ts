import { setImmediate } from 'node:timers/promises';

/** Signs that are decoded in one turn of the event loop: some ten milliseconds. */
const SLICE = 4 * 1024 * 1024;

/**
 * The bytes that a text stands for, in either alphabet, with line breaks or without, and with at most two `=` at the end; null when it
 * is no base64. A large one is decoded in slices, so that others have their turns in between.
 */
export const fromBase64 = async (text: string): Promise<Buffer | null> => {
  const body = text.trimEnd();
  const padding = body.endsWith('==') ? 2 : body.endsWith('=') ? 1 : 0;
  const end = body.length - padding;
  if (end <= 0) return null;
  const pieces: Buffer[] = [];
  let rest = '';
  for (let at = 0; at < end; at += SLICE) {
    const slice = body.slice(at, Math.min(at + SLICE, end));
    // Looks for one that is wrong: a pattern for all that are right would try each way to split them.
    if (/[^\w+/\s-]/.test(slice)) return null;
    const signs = rest + (/\s/.test(slice) ? slice.replace(/\s+/g, '') : slice);
    // Four signs are three bytes.
    const whole = at + SLICE >= end ? signs.length : signs.length - (signs.length % 4);
    pieces.push(Buffer.from(signs.slice(0, whole), 'base64'));
    rest = signs.slice(whole);
    if (end > SLICE) await setImmediate();
  }
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
};
