import type { Clock } from '../contracts/clock.ts';
import type { Log } from '../contracts/log.ts';
import type { Egress, EgressRequest } from '../contracts/network.ts';
import type { PluginStorage } from '../contracts/stores.ts';
import { pluginFailed, sentence } from '../errors.ts';

export interface ResourceOptions {
  readonly plugin: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly egress: Egress;
  storage(plugin: string): PluginStorage;
}

type Action = () => void | Promise<void>;

/** What a plugin has on loan while it runs: timers, storage, requests. All of it ends when the plugin closes. */
export class PluginResources {
  readonly #options: ResourceOptions;
  readonly #controller = new AbortController();
  readonly #timers = new Set<unknown>();
  readonly http: Egress;
  readonly storage: PluginStorage;

  constructor(options: ResourceOptions) {
    this.#options = options;
    this.http = this.#ownEgress();
    this.storage = this.#ownStorage();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  after(action: Action, milliseconds: number): () => void {
    if (this.signal.aborted) return () => undefined;
    const { clock } = this.#options;
    const timer = clock.setTimeout(() => {
      this.#timers.delete(timer);
      void this.#run(action);
    }, milliseconds);
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
      clock.clearTimeout(timer);
    };
  }

  every(action: Action, milliseconds: number): () => void {
    let stopped = false;
    let cancel = (): void => undefined;
    const again = (): void => {
      cancel = this.after(async () => {
        await this.#run(action);
        if (!stopped) again();
      }, milliseconds);
    };
    again();
    return () => {
      stopped = true;
      cancel();
    };
  }

  /** Ends everything; what is asked for later is refused. */
  end(): void {
    for (const timer of this.#timers) this.#options.clock.clearTimeout(timer);
    this.#timers.clear();
    this.#controller.abort(this.#closed());
  }

  async #run(action: Action): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#options.log.error({ err: error }, `a timer of plugin '${this.#options.plugin}' failed: ${sentence(error)}`);
    }
  }

  #ownEgress(): Egress {
    const { egress } = this.#options;
    return {
      refusal: (url, options) => egress.refusal(url, options),
      request: (request: EgressRequest) => {
        const signal = request.signal ? AbortSignal.any([request.signal, this.signal]) : this.signal;
        return egress.request({ ...request, signal });
      },
    };
  }

  #ownStorage(): PluginStorage {
    const storage = this.#options.storage(this.#options.plugin);
    const open = (): PluginStorage => {
      if (this.signal.aborted) throw this.#closed();
      return storage;
    };
    return {
      get: async (key) => open().get(key),
      set: async (key, value) => open().set(key, value),
      remove: async (key) => open().remove(key),
      keys: async () => open().keys(),
      ...(storage.onForeignChange
        ? {
            onForeignChange: (listener: () => void) => {
              const stop = open().onForeignChange?.(listener) ?? (() => undefined);
              this.signal.addEventListener('abort', stop, { once: true });
              return stop;
            },
          }
        : {}),
    };
  }

  #closed() {
    return pluginFailed(this.#options.plugin, 'is closed');
  }
}
