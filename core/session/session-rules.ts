import type { SessionConfig } from '../contracts/session-config.ts';
import type { SessionRule } from '../contracts/sessions.ts';
import { badRequest } from '../errors.ts';
import { refuseUrls, type UrlRules } from './guarded-urls.ts';

/** What a session's config is held against before it is kept. */
export interface ConfigRules extends UrlRules {
  /** What plugins say of it; read at each use. */
  readonly rules?: () => readonly SessionRule[];
}

/** Throws `BAD_REQUEST` for a config that something here could not keep to. */
export const checkConfig = (session: string, config: SessionConfig, options: ConfigRules): void => {
  refuseUrls(config, options);
  const rules = options.rules?.();
  if (!rules) return;
  if (config.pacing && Object.keys(config.pacing).length > 0 && !rules.some(({ part }) => part === 'pacing')) {
    throw badRequest('config.pacing: no plugin applies it: add `- use: pacing` to the plugins of the YAML');
  }
  const faults = rules.flatMap((rule) => rule.faults(session, config)).map((fault) => `config.${fault}`);
  if (faults.length > 0) throw badRequest(...faults);
};
