import { randomInt } from 'node:crypto';
import { extractImageThumb } from '@whiskeysockets/baileys';

const PREVIEW_WIDTH = 96;

/** The id of a new picture. */
export const randomPictureId = (): string => String(1_600_000_000 + randomInt(1_000_000_000));

/** A picture made small; one that is no image is its own preview. */
export async function previewOf(full: Buffer): Promise<Buffer> {
  try {
    return (await extractImageThumb(full, PREVIEW_WIDTH)).buffer;
  } catch {
    return full;
  }
}
