import type { WAVersion } from '@whiskeysockets/baileys';
import { type Egress, type Log, type PluginStorage, sentence } from 'waha-runtime';
import type { BaileysConfig } from '../config.ts';

/** The version to present to WhatsApp, or undefined for the library's own. All sessions share it. */
export interface ClientVersions {
  current(): Promise<WAVersion | undefined>;
  /**
   * WhatsApp refused `used` as outdated. Asks once for all sessions that say so; true when there is a newer one, so that
   * a new connection may succeed.
   */
  outdated(used: WAVersion | undefined): Promise<boolean>;
}

/** A version that never changes: a pinned one, or the library's own. */
export const fixedVersion = (version: WAVersion | undefined): ClientVersions => ({
  current: async () => version,
  outdated: async () => false,
});

export interface VersionOptions {
  readonly settings: BaileysConfig['versionFetch'];
  readonly storage: PluginStorage;
  readonly log: Log;
  /** The guarded way out. */
  readonly http: Egress;
  readonly now?: () => number;
}

const KEY = 'whatsapp-version';
const FRESH_MS = 6 * 60 * 60 * 1000;
const RETRY_MS = 10 * 60 * 1000;
interface Known {
  readonly version: WAVersion;
  readonly at: number;
}

/** Finds the version out and remembers it: in memory, and in the plugin's storage for the next start. */
export class FetchedVersion implements ClientVersions {
  readonly #options: VersionOptions;
  readonly #now: () => number;
  #known: Known | undefined;
  #loaded = false;
  #triedAt = Number.NEGATIVE_INFINITY;
  #fetching: Promise<void> | undefined;

  constructor(options: VersionOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  async current(): Promise<WAVersion | undefined> {
    await this.#load();
    const stale = !this.#known || this.#now() - this.#known.at > FRESH_MS;
    if (stale && this.#now() - this.#triedAt > RETRY_MS) await this.#refresh();
    return this.#known?.version;
  }

  async outdated(used: WAVersion | undefined): Promise<boolean> {
    await this.#load();
    if (!this.#differs(used) && this.#now() - this.#triedAt > RETRY_MS) await this.#refresh();
    return this.#differs(used);
  }

  #differs(used: WAVersion | undefined): boolean {
    return this.#known !== undefined && this.#known.version.join('.') !== used?.join('.');
  }

  async #load(): Promise<void> {
    if (this.#loaded) return;
    this.#loaded = true;
    const stored = await this.#options.storage.get<Known>(KEY).catch(() => undefined);
    if (stored && isVersion(stored.version)) this.#known ??= stored;
  }

  #refresh(): Promise<void> {
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #fetch(): Promise<void> {
    const { settings, storage, log, http } = this.#options;
    try {
      const version = await fetchVersion(http, settings.timeoutMs);
      this.#known = { version, at: this.#now() };
      await storage.set(KEY, this.#known).catch(() => undefined);
      log.info({ version: version.join('.') }, 'found out the current WhatsApp version');
    } catch (error) {
      log.warn({ err: sentence(error) }, 'could not find out the current WhatsApp version');
    } finally {
      this.#triedAt = this.#now();
    }
  }
}

const isVersion = (value: unknown): value is WAVersion =>
  Array.isArray(value) && value.length === 3 && value.every((part) => Number.isSafeInteger(part));

/** The service worker of WhatsApp Web names the version that it belongs to. */
const SERVICE_WORKER = 'https://web.whatsapp.com/sw.js';
/** WhatsApp serves it to browsers that are opened on the page itself. */
const ASKED_BY_A_BROWSER = {
  'sec-fetch-site': 'none',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
};

const fetchVersion = async (http: Egress, timeoutMs: number): Promise<WAVersion> => {
  const { status, body } = await http.request({ url: SERVICE_WORKER, headers: ASKED_BY_A_BROWSER, timeoutMs });
  const revision = /client_revision\\?":\s{0,4}(\d{1,15})/.exec(Buffer.from(body).toString('utf8'))?.[1];
  if (status !== 200 || revision === undefined) throw new Error(`WhatsApp's page names no version (${status})`);
  return [2, 3000, Number(revision)];
};
