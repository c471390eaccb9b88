/** A QR code in the forms that clients ask for. */
export interface QrImage {
  readonly png: Buffer;
  /** `{mimetype, data}` of WAHA, the PNG as base64. */
  readonly file: { readonly mimetype: string; readonly data: string };
}

const kept = 100;

/** Draws codes. Dashboards ask for the same one every second or two, so the latest ones are kept. */
export class QrImages {
  readonly #images = new Map<string, Promise<QrImage>>();

  draw(code: string): Promise<QrImage> {
    const drawn = this.#images.get(code);
    if (drawn) return drawn;
    const image = drawPng(code);
    this.#images.set(code, image);
    image.catch(() => this.#images.delete(code));
    const oldest = this.#images.keys().next().value;
    if (this.#images.size > kept && oldest !== undefined) this.#images.delete(oldest);
    return image;
  }
}

/** The library is loaded when the first code is drawn: most starts of a deployment draw none. */
const drawPng = async (code: string): Promise<QrImage> => {
  const { default: qrcode } = await import('qrcode');
  const png = await qrcode.toBuffer(code, { type: 'png', scale: 6, margin: 4 });
  return { png, file: { mimetype: 'image/png', data: png.toString('base64') } };
};
