import { createHash } from 'node:crypto';
import type { EventSelector } from 'waha-runtime';
import { sortHeaders } from './custom-headers.ts';
import type { DeliveryOptions, WebhookEntry } from './delivery-options.ts';
import { type RetryPlan, retryPlan } from './retry-delay.ts';

/** One place that events go to, with everything that is needed to send one there. Holds secrets: never log it whole. */
export interface Endpoint {
  /** Where it comes from and its URL: stays the same when its events, headers or retries change. */
  readonly id: string;
  /** Changes with any of its settings. Made of secrets, too: it stays in memory. */
  readonly fingerprint: string;
  /** Changes with its settings but for keys and the values of headers: this one may be stored. */
  readonly settings: string;
  /** The session that it belongs to; null for one of the YAML, which hears every session. */
  readonly session: string | null;
  readonly url: string;
  /** The URL for logs. */
  readonly label: string;
  readonly events: readonly EventSelector[];
  /** The first one signs for WAHA's header, all of them for `webhook-signature`. */
  readonly keys: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly retries: RetryPlan;
  readonly options: DeliveryOptions;
}

/** An origin of endpoints: `yaml/<plugin>` or `session/<name>`. */
export interface EndpointScope {
  readonly name: string;
  readonly session: string | null;
  readonly defaults: DeliveryOptions;
}

/** The endpoints of a list of webhooks, and the names of headers that were left out of them. */
export const endpointsOf = (
  webhooks: readonly WebhookEntry[],
  scope: EndpointScope,
): { readonly endpoints: readonly Endpoint[]; readonly refusedHeaders: readonly string[] } => {
  const seen = new Map<string, number>();
  const refusedHeaders: string[] = [];
  const endpoints = webhooks.map((webhook) => {
    const count = (seen.get(webhook.url) ?? 0) + 1;
    seen.set(webhook.url, count);
    const { sent, refused } = sortHeaders(webhook.customHeaders ?? []);
    refusedHeaders.push(...refused);
    const settings = {
      url: webhook.url,
      events: webhook.events,
      keys: webhook.hmac?.key ? [webhook.hmac.key, ...(webhook.hmac.previousKeys ?? [])] : [],
      headers: sent,
      retries: retryPlan(webhook.retries),
      options: { ...scope.defaults, ...webhook.options },
    };
    return {
      ...settings,
      id: `whe_${digest(`${scope.name} ${webhook.url} ${count}`).slice(0, 16)}`,
      fingerprint: digest(JSON.stringify(settings)),
      settings: digest(JSON.stringify({ ...settings, keys: undefined, headers: Object.keys(sent) })).slice(0, 16),
      session: scope.session,
      label: endpointLabel(webhook.url),
    };
  });
  return { endpoints, refusedHeaders };
};

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A part of a path that is a word, and so no token. */
const word = /^[a-z][a-z_-]{0,15}$/;

/**
 * A URL that may be logged: no user, no query, and of the path the words alone, since hooks of chat and workflow services carry their
 * tokens there. What is no word is cut after two characters.
 */
export const endpointLabel = (text: string): string => {
  if (!URL.canParse(text)) return '(not a URL)';
  const url = new URL(text);
  const path = url.pathname.split('/').map((part) => (part === '' || word.test(part) ? part : `${part.slice(0, 2)}…`));
  return `${url.protocol}//${url.host}${path.join('/')}`;
};
