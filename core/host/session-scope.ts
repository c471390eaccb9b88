/** What the YAML says about the sessions of a plugin instance, checked. */
export interface SessionSpec {
  /** Patterns with `*`; null stands for every session. */
  readonly include: readonly string[] | null;
  /** The config of every session that no override names. */
  readonly config: unknown;
  /** In the order of the YAML; the first whose pattern fits decides. `config` is whole and checked. */
  readonly overrides: readonly { readonly pattern: string; readonly config: unknown }[];
}

/** Which sessions a plugin instance works for, and with what config. It may change while the plugin runs. */
export class SessionScope {
  #spec: SessionSpec;
  #include: readonly RegExp[] | null = null;
  #overrides: readonly { readonly pattern: RegExp; readonly config: unknown }[] = [];

  constructor(spec: SessionSpec) {
    this.#spec = spec;
    this.replace(spec);
  }

  /** The patterns, or null for every session. */
  get patterns(): readonly string[] | null {
    return this.#spec.include;
  }

  /** Takes over a changed YAML. */
  replace(spec: SessionSpec): void {
    this.#spec = spec;
    this.#include = spec.include?.map(sessionPattern) ?? null;
    this.#overrides = spec.overrides.map(({ pattern, config }) => ({ pattern: sessionPattern(pattern), config }));
  }

  includes(session: string): boolean {
    return this.#include === null || this.#include.some((pattern) => pattern.test(session));
  }

  configFor(session: string): unknown {
    const found = this.#overrides.find(({ pattern }) => pattern.test(session));
    return found ? found.config : this.#spec.config;
  }
}

/** Every session, with one config. */
export const everySession = (config: unknown): SessionSpec => ({ include: null, config, overrides: [] });

/** `support-*` as a regular expression: `*` stands for any number of characters. */
const sessionPattern = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/[.*+?^${}()|[\]\\]/g, (sign) => (sign === '*' ? '.*' : `\\${sign}`))}$`);
