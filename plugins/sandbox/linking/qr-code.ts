import type { Client } from '../world/people.ts';
import type { World } from '../world/world.ts';

/** What a QR code holds (docs/protocol.md, "QR linking"). */
export interface QrCode {
  readonly ref: string;
  readonly noiseKey: string;
  readonly identity: string;
  readonly advSecret: string;
}

/** Reads a QR code, with or without WhatsApp's URL in front. Throws when it is none. */
export function readQr(code: string): QrCode {
  const fields = code.slice(code.indexOf('#') + 1).split(',');
  const [ref, noiseKey, identity, advSecret] = fields;
  if (fields.length < 4 || !ref || !noiseKey || !identity || !advSecret)
    throw new Error('this is not a WhatsApp QR code');
  return { ref, noiseKey, identity, advSecret };
}

/** The client that shows a QR code; undefined when nobody does any more. */
export const clientThatShows = (world: World, { ref }: QrCode): Client | undefined =>
  [...world.connections].find((one) => one.open && one.registration?.refs.includes(ref));
