import { fetchLatestWaWebVersion, type WAVersion } from '@whiskeysockets/baileys';
import { type Log, type PluginStorage, sentence } from 'waha-runtime';
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

type Fetch = (timeoutMs: number) => Promise<WAVersion>;

export interface VersionOptions {
  readonly settings: BaileysConfig['versionFetch'];
  readonly storage: PluginStorage;
  readonly log: Log;
  readonly fetch?: Fetch;
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
    const { settings, storage, log, fetch = fetchVersion } = this.#options;
    try {
      const version = await fetch(settings.timeoutMs);
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

/** Baileys never rejects here: it hands out its own version with the error beside it. */
const fetchVersion: Fetch = async (timeoutMs) => {
  const found = await fetchLatestWaWebVersion({ signal: AbortSignal.timeout(timeoutMs) });
  if (!found.isLatest || !isVersion(found.version)) throw new Error(sentence('error' in found ? found.error : 'none'));
  return found.version;
};
