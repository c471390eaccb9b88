/** A plugin instance as `waha plugins` and `GET /api/server/plugins` show it. */
export interface PluginInfo {
  readonly name: string;
  /** `built-in`, an absolute path, or `package@version`; empty when it was not found. */
  readonly from: string;
  /** Its place in the order of setup, from 1; 0 when it never got so far. */
  readonly order: number;
  /** `suspended`: it runs, and some part of it failed so often that it is left alone for a while. */
  readonly state: 'ready' | 'suspended' | 'failed' | 'closed';
  /** How long `setup` took (ms). */
  readonly setupMs: number;
  /** Why it failed. */
  readonly error?: string;
  /** The sessions that it works for, when not all. */
  readonly sessions?: readonly string[];
  /** Its filters and policies, and those of its routes that ever failed, by name: what they went through. */
  readonly parts: Readonly<Record<string, PartCounts>>;
}

/** What one contribution of a plugin went through since the start. */
export interface PartCounts {
  readonly succeeded: number;
  readonly failed: number;
  /** Passed over while it was suspended. */
  readonly skipped: number;
  readonly suspended: boolean;
}

/** What is loaded. */
export interface Plugins {
  /** In order of setup, those that failed last. */
  list(): readonly PluginInfo[];
}
