import {
  type AppType,
  badRequest,
  type Checked,
  compile,
  didYouMean,
  keepMasked,
  type TSchema,
  unprocessable,
} from 'waha-runtime';
import type { AppsConfig } from './config.ts';

type Check = (value: unknown) => Checked<unknown>;

/** The types that plugins bring, as far as the config lets them. */
export class AppTypes {
  readonly #config: AppsConfig;
  readonly #types: () => readonly AppType[];
  readonly #checks = new WeakMap<TSchema, Check>();

  constructor(config: AppsConfig, types: () => readonly AppType[]) {
    this.#config = config;
    this.#types = types;
  }

  /** Undefined for one that no plugin brings, or that is off. */
  find(name: string): AppType | undefined {
    const { enabled, on, off } = this.#config;
    if (!enabled || off.includes(name) || (on.length > 0 && !on.includes(name))) return undefined;
    return this.#types().find(({ type }) => type === name);
  }

  /** Throws `UNPROCESSABLE` for what `find` does not find. `field` names where it stands. */
  demand(name: string, field: string): AppType {
    this.demandEnabled();
    const found = this.find(name);
    if (found) return found;
    const names = this.#types().map(({ type }) => type);
    if (names.includes(name)) throw unprocessable(`${field}: apps of type '${name}' are switched off`);
    const there = names.length > 0 ? `there are ${names.join(', ')}` : 'there is none';
    throw unprocessable(`${field}: no plugin brings apps of type '${name}'; ${there}${didYouMean(name, names)}`);
  }

  demandEnabled(): void {
    if (!this.#config.enabled) throw unprocessable('apps are switched off');
  }

  /** The config with defaults, and with what was there before in place of masks. Throws `BAD_REQUEST` naming each field. */
  checked(type: AppType, config: unknown, before: unknown, field: string): Record<string, unknown> {
    const meant = keepMasked(type.config, config, before, field);
    const check = this.#checks.get(type.config) ?? (compile(type.config, { unknown: 'ignore' }) as Check);
    this.#checks.set(type.config, check);
    const checked = check(meant);
    if (checked.ok) return checked.value as Record<string, unknown>;
    throw badRequest(
      ...checked.violations.map(({ path, message }) =>
        path.length > 0 ? `${field}.${message}` : `${field} ${message}`,
      ),
    );
  }
}
