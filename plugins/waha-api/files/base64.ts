import { setImmediate } from 'node:timers/promises';

/** Signs that are decoded in one turn of the event loop: some ten milliseconds. */
const SLICE = 4 * 1024 * 1024;

/** Larger ones (signs) are better written to a file than kept: who encrypts them then reads them piece by piece. */
export const LARGE = SLICE;

/**
 * The bytes that a text stands for, in either alphabet, with line breaks or without, and with at most two `=` at the end; null when it
 * is no base64. A large one is decoded in slices, so that others have their turns in between.
 */
export const fromBase64 = async (text: string): Promise<Buffer | null> => {
  const pieces: Buffer[] = [];
  for await (const piece of base64Pieces(text)) {
    if (!piece) return null;
    pieces.push(piece);
  }
  return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
};

/** The same slice by slice; null and no more at what is no base64. */
export async function* base64Pieces(text: string): AsyncGenerator<Buffer | null> {
  const body = text.trimEnd();
  const padding = body.endsWith('==') ? 2 : body.endsWith('=') ? 1 : 0;
  const end = body.length - padding;
  if (end <= 0) yield null;
  let rest = '';
  for (let at = 0; at < end; at += SLICE) {
    const slice = body.slice(at, Math.min(at + SLICE, end));
    // Looks for one that is wrong: a pattern for all that are right would try each way to split them.
    if (/[^\w+/\s-]/.test(slice)) {
      yield null;
      return;
    }
    const signs = rest + (/\s/.test(slice) ? slice.replace(/\s+/g, '') : slice);
    // Four signs are three bytes.
    const whole = at + SLICE >= end ? signs.length : signs.length - (signs.length % 4);
    yield Buffer.from(signs.slice(0, whole), 'base64');
    rest = signs.slice(whole);
    if (end > SLICE) await setImmediate();
  }
}
