import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jsqr from 'jsqr';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

const places = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where Chromium is; null when this machine has none. */
export const chromiumPath: string | null = places.find((path) => path && existsSync(path)) ?? null;
if (!chromiumPath) console.warn('Chromium is not installed: the tests that look at the dashboard are skipped');

/** Every address that the page asked for, and everything that it complained about. */
export interface Seen {
  readonly urls: string[];
  readonly complaints: string[];
}

/** What an authenticator has to have of a passkey. */
interface HeldPasskey {
  readonly credentialId: Buffer;
  readonly privateKey: Buffer;
  readonly userHandle: Buffer;
}

/** A headless browser with a profile of its own. */
export class Browser {
  readonly #context: BrowserContext;
  readonly #profile: string;

  private constructor(context: BrowserContext, profile: string) {
    this.#context = context;
    this.#profile = profile;
  }

  static async start(): Promise<Browser> {
    const profile = mkdtempSync(join(tmpdir(), 'waha-browser-'));
    const flags = ['no-sandbox', 'disable-gpu', 'disable-quic', 'no-first-run', 'disable-background-networking'];
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: chromiumPath ?? '',
      headless: true,
      args: [...flags, 'disable-component-update', 'disable-sync'].map((flag) => `--${flag}`),
      colorScheme: 'light',
      viewport: { width: 1_280, height: 800 },
      permissions: ['clipboard-read', 'clipboard-write'],
      reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(30_000);
    return new Browser(context, profile);
  }

  /** Another tab, and what it does. */
  async open(url: string): Promise<Page & { readonly seen: Seen }> {
    const page = await this.#context.newPage();
    const seen: Seen = { urls: [], complaints: [] };
    page.on('request', (request) => seen.urls.push(request.url()));
    page.on('websocket', (socket) => seen.urls.push(socket.url()));
    page.on('pageerror', (error) => seen.complaints.push(error.message));
    page.on('console', (message) => {
      if (/Content Security Policy|Refused to/i.test(message.text())) seen.complaints.push(message.text());
    });
    await page.goto(url);
    return Object.assign(page, { seen });
  }

  /**
   * Runs a line in the console of a page, with a passkey at hand, and gives what it asks the user to copy. Pages of other hosts
   * than this machine are empty ones: the browser takes them for that host's.
   */
  async signsOn(url: string, passkey: HeldPasskey, line: string): Promise<string> {
    const page = await this.#context.newPage();
    if (url.startsWith('https:'))
      await page.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
    await page.goto(url);
    const devtools = await this.#context.newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true },
        ...{ hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
      },
    });
    await devtools.send('WebAuthn.addCredential', {
      authenticatorId,
      credential: {
        ...{ credentialId: passkey.credentialId.toString('base64'), isResidentCredential: true, rpId: 'whatsapp.com' },
        ...{ privateKey: passkey.privateKey.toString('base64'), userHandle: passkey.userHandle.toString('base64') },
        signCount: 1,
      },
    });
    const asked = new Promise<string>((resolve) => {
      page.on('dialog', (dialog) => {
        resolve(dialog.defaultValue());
        void dialog.dismiss();
      });
    });
    const failed = page.evaluate(line).then(() => asked);
    const answer = await Promise.race([asked, failed]);
    await page.close();
    return answer;
  }

  /** The text of the QR code in a picture, as a phone's camera reads it: from its pixels. */
  async readQr(png: Buffer): Promise<string | null> {
    const page = await this.#context.newPage();
    const pixels = await page.evaluate<Pixels>(`(${pixelsOf})(${JSON.stringify(png.toString('base64'))})`);
    await page.close();
    const data = new Uint8ClampedArray(Buffer.from(pixels.bytes, 'base64'));
    // The package is CommonJS, and its types say that it is not.
    const decode = ((jsqr as unknown as { default?: typeof jsqr }).default ?? jsqr) as unknown as Decode;
    return decode(data, pixels.width, pixels.height)?.data ?? null;
  }

  async close(): Promise<void> {
    await this.#context.close();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A picture's pixels, four bytes each, in base64. */
interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly bytes: string;
}

/** Runs in the browser, which has a decoder for pictures. */
const pixelsOf = `async (encoded) => {
  const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
  canvas.drawImage(image, 0, 0);
  const { data } = canvas.getImageData(0, 0, image.width, image.height);
  let text = '';
  for (const value of data) text += String.fromCharCode(value);
  return { width: image.width, height: image.height, bytes: btoa(text) };
}`;

type Decode = (data: Uint8ClampedArray, width: number, height: number) => { readonly data: string } | null;
