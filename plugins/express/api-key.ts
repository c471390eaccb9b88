import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type KeyRing, type Log, type PluginStorage, type Principal, unauthorized } from 'waha-runtime';
import { type Authorize, anyone, keylessCheck, pathOf } from 'waha-runtime/http';
import type { Settings } from './config.ts';
import { openPaths } from './open-paths.ts';
import { presentedKey } from './presented-key.ts';

const keyHolder: Principal = Object.freeze({ name: 'api-key', sessions: '*', rights: '*', admin: true });

const prefix = 'sha512:';
const storedAs = 'api-key-sha512';

const digest = (text: string): Buffer => hash('sha512', text, 'buffer');

/** True when both texts are the same; how long it takes says nothing about either. */
export const sameText = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));

/** The digest of the key that opens the API, or null when none is asked for. */
export const keyDigest = async (
  { apiKey, noApiKey, host }: Settings,
  storage: PluginStorage,
  log: Log,
): Promise<Buffer | null> => {
  if (apiKey && noApiKey) log.warn('apiKey and noApiKey are both set; the key is asked for');
  if (apiKey) return apiKey.startsWith(prefix) ? Buffer.from(apiKey.slice(prefix.length), 'hex') : digest(apiKey);
  if (!noApiKey) return generatedDigest(storage, log);
  log.warn(`no API key is asked for: whoever reaches ${host} may do everything`);
  return null;
};

/** The key of the first start without a configured one. Only its hash is kept; there is no default. */
const generatedDigest = async (storage: PluginStorage, log: Log): Promise<Buffer> => {
  const stored = await storage.get<string>(storedAs);
  if (typeof stored === 'string') {
    log.info('the API key is the one that was generated at the first start; set apiKey to choose your own');
    return Buffer.from(stored, 'hex');
  }
  const key = randomBytes(24).toString('base64url');
  await storage.set(storedAs, digest(key).toString('hex'));
  log.warn(`no apiKey is configured, so one was generated; it is shown only now: ${key}`);
  return digest(key);
};

type Access = Pick<Settings, 'openPaths' | 'allowedHosts' | 'origins' | 'host' | 'baseUrl'>;

/** What the server is called in its own settings. */
const namesOf = ({ allowedHosts, host, baseUrl }: Access): string[] => [
  ...allowedHosts,
  host,
  ...(baseUrl !== undefined && URL.canParse(baseUrl) ? [new URL(baseUrl).hostname] : []),
];

/**
 * Checks the key of every request (see `presentedKey`): the server's own first, then those that plugins know. `rings` is read at each
 * request.
 */
export const authorizer = (
  expected: Buffer | null,
  settings: Access,
  rings: () => readonly KeyRing[] = () => [],
): Authorize => {
  if (!expected) {
    const refuseForeignPages = keylessCheck({ hosts: namesOf(settings), origins: settings.origins });
    return (request) => {
      const holder = holderOf(keyOf(request), rings());
      if (holder) return holder;
      refuseForeignPages(request);
      return anyone;
    };
  }
  const isOpen = openPaths(settings.openPaths);
  const isKey = keyCheck(expected);
  return (request) => {
    const key = keyOf(request);
    if (key !== undefined && isKey(key)) return keyHolder;
    const holder = holderOf(key, rings());
    if (holder) return holder;
    if (isOpen(pathOf(request))) return anyone;
    throw unauthorized();
  };
};

/** The key, which from then on is in the header: whoever passes the request on, or hides its key, looks nowhere else. */
const keyOf = (request: IncomingMessage): string | undefined => {
  const key = presentedKey(request);
  if (key !== undefined) request.headers['x-api-key'] ||= key;
  return key;
};

const holderOf = (key: string | undefined, rings: readonly KeyRing[]): Principal | undefined => {
  if (!key) return undefined;
  for (const ring of rings) {
    const holder = ring.find(key);
    if (holder) return holder;
  }
  return undefined;
};

/** What a key is compared in: its length and its bytes, and nothing after them. */
const frameSize = 256;

/**
 * Whether a text is the key of this digest. A digest for every request would be a tenth of a small answer, so once the key
 * has come, texts are compared with it first: always all bytes of a frame, so that the time says nothing about the key.
 */
const keyCheck = (expected: Buffer): ((key: string) => boolean) => {
  const known = Buffer.alloc(frameSize);
  const asked = Buffer.alloc(frameSize);
  let isKnown = false;
  return (key) => {
    const fits = framed(key, asked);
    // Once the key is known, whatever is not the same text is not the key.
    if (isKnown) return fits && timingSafeEqual(asked, known);
    if (!timingSafeEqual(digest(key), expected)) return false;
    isKnown ||= fits && asked.copy(known) === frameSize;
    return true;
  };
};

/** Puts a text into a frame; false when it is too long for it. */
const framed = (text: string, frame: Buffer): boolean => {
  const length = Buffer.byteLength(text);
  if (length > frameSize - 2) return false;
  frame.fill(0);
  frame.writeUInt16BE(length, 0);
  frame.write(text, 2);
  return true;
};
