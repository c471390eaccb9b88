import { isDeepStrictEqual } from 'node:util';
import type { ClientConfig, IgnoreConfig, SessionConfig } from '../contracts/session-config.ts';

/** What holds for every session unless its own config says otherwise. */
export interface SessionDefaults {
  readonly ignore?: IgnoreConfig;
  readonly client?: ClientConfig;
}

/** The session's config over the defaults, field by field; null and absent both mean "as the default". */
export const effectiveConfig = (config: SessionConfig, defaults: SessionDefaults): SessionConfig => ({
  ...config,
  ignore: { ...defaults.ignore, ...present(config.ignore) },
  client: { ...defaults.client, ...present(config.client) },
});

/** True when the change needs a new connection: proxy, client or noweb. The rest is applied live. */
export const needsRestart = (before: SessionConfig, after: SessionConfig): boolean =>
  (['proxy', 'client', 'noweb'] as const).some(
    (part) => !isDeepStrictEqual(before[part] ?? undefined, after[part] ?? undefined),
  );

const present = <T extends object>(value: T | null | undefined): Partial<T> =>
  Object.fromEntries(Object.entries(value ?? {}).filter(([, field]) => field !== null)) as Partial<T>;
