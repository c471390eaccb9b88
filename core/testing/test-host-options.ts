/** What `definePlugin` makes, of any config and any needs. */
export interface PluginValue {
  readonly name: string;
  setup(context: never): void | Promise<void>;
}

/** A plugin as an entry of the YAML has it, with the plugin itself or the name of a built-in under `use`. */
export interface TestPluginEntry {
  readonly use: PluginValue | string;
  readonly as?: string;
  readonly onFailure?: 'stop' | 'continue';
  readonly config?: unknown;
  readonly sessions?: {
    readonly include?: readonly string[];
    readonly override?: Readonly<Record<string, { readonly config: unknown }>>;
  };
}

/** A plugin under test: a value of `definePlugin`, the name of a built-in one, or an entry as the YAML has it. */
export type TestPlugin = PluginValue | string | TestPluginEntry;

/** What `createTestHost` starts: plugins, their configs and the sessions that are there. */
export interface TestHostOptions {
  /** Plugins under test: values of `definePlugin`, names of built-ins, or entries as the YAML has them. */
  readonly plugins: readonly TestPlugin[];
  /** The config of each plugin, by the name of its instance. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** The rest of the YAML. */
  readonly yaml?: Readonly<Record<string, unknown>>;
  /** Sessions that are WORKING from the start; one named `default` when absent. */
  readonly sessions?: readonly string[];
  /**
   * `fake`: an engine of spies, a simulated clock, no network. `sandbox`: the real engine against WhatsApp's side on this
   * machine, real time, real network.
   */
  readonly world?: 'fake' | 'sandbox';
  /** The YAML file that the plugins' relative paths start beside. */
  readonly file?: string;
  /** When the simulated clock starts. */
  readonly now?: number | Date;
}
