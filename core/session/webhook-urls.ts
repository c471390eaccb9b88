import type { LoadedConfig } from '../config/schema.ts';
import type { SessionConfig } from '../contracts/session-config.ts';
import { badRequest, configInvalid } from '../errors.ts';

/** Why a URL is refused before any look-up, as a sentence, or null. */
export type UrlRefusal = (url: string) => string | null;

/** Throws `BAD_REQUEST` for webhooks that the network guard would never let out. */
export const refuseWebhooks = ({ webhooks }: SessionConfig, refusal: UrlRefusal = () => null): void => {
  const refused = refusedUrls(webhooks, refusal).map(({ index, why }) => `config.webhooks.${index}.url: ${why}`);
  if (refused.length > 0) throw badRequest(...refused);
};

/** The same for the sessions that the YAML declares. Throws `CONFIG_INVALID` with the line of each. */
export const refuseDeclared = (config: LoadedConfig, refusal: UrlRefusal): void => {
  const faults = declaredFaults(config, refusal);
  if (faults.length > 0) throw configInvalid(...faults);
};

/** What `refuseDeclared` throws for, one line per fault. */
export const declaredFaults = ({ value, at }: LoadedConfig, refusal: UrlRefusal): string[] =>
  value.sessions.flatMap(({ config }, session) =>
    refusedUrls(config?.webhooks, refusal).map(
      ({ index, why }) => `${at(['sessions', session, 'config', 'webhooks', index, 'url'])}: ${why}`,
    ),
  );

const refusedUrls = (webhooks: SessionConfig['webhooks'], refusal: UrlRefusal) =>
  (webhooks ?? []).flatMap(({ url }, index) => {
    const why = refusal(url);
    return why === null ? [] : [{ index, why }];
  });
