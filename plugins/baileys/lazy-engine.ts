import { type MetricSource, type SessionConfig, sentence } from 'waha-runtime';
import type { AccountMoving, Engine, EngineConnection, EngineInput } from 'waha-runtime/engine';
import type { BaileysEngine } from './engine.ts';

/**
 * The engine, loaded when the first session needs it: Baileys and what it brings are half of the CPU time of a start, and 60 MB.
 */
export class LazyEngine implements Engine, MetricSource {
  readonly name = 'NOWEB';
  readonly moving: AccountMoving;
  readonly #load: () => Promise<BaileysEngine>;
  #loading: Promise<BaileysEngine> | undefined;
  #loaded: BaileysEngine | undefined;

  constructor(load: () => Promise<BaileysEngine>) {
    this.#load = load;
    const moving = async () => (await this.#engine()).moving;
    this.moving = {
      accept: async (account) => (await moving()).accept(account),
      acceptLibrary: async (library) => (await moving()).acceptLibrary(library),
      give: async (auth) => (await moving()).give(auth),
    };
  }

  open(input: EngineInput): EngineConnection {
    return this.#loaded?.open(input) ?? new LazyConnection(this.#engine(), input);
  }

  collect(): ReturnType<MetricSource['collect']> {
    return this.#loaded?.metrics.flatMap((source) => source.collect()) ?? [];
  }

  #engine(): Promise<BaileysEngine> {
    this.#loading ??= this.#load().then((engine) => {
      this.#loaded = engine;
      return engine;
    });
    return this.#loading;
  }
}

/** A connection whose engine is being loaded; what is asked of it meanwhile it does once it is there. */
class LazyConnection implements EngineConnection {
  readonly #connection: Promise<EngineConnection | null>;

  constructor(engine: Promise<Engine>, input: EngineInput) {
    this.#connection = engine.then(
      (loaded) => loaded.open(input),
      (error: unknown) => {
        input.signal({
          type: 'engine.closed',
          reason: 'engine_error',
          message: `Baileys cannot be loaded: ${sentence(error)}`,
        });
        return null;
      },
    );
  }

  async close(): Promise<void> {
    await (await this.#connection)?.close();
  }

  async logout(): Promise<void> {
    await (await this.#connection)?.logout();
  }

  async probe(): Promise<void> {
    await (await this.#connection)?.probe?.();
  }

  configure(config: SessionConfig): void {
    void this.#connection.then((connection) => connection?.configure?.(config));
  }
}
