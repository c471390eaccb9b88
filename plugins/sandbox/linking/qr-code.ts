/** What a QR code holds (SANDBOX.md section 3). */
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
