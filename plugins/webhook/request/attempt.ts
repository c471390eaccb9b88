import { type Egress, isEgressError, sentence } from 'waha-runtime';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { retryAfterMs } from '../endpoints/retry-delay.ts';
import { attemptHeaders, type WebhookRequest } from './request-headers.ts';

/** What became of one attempt. */
export type AttemptResult =
  | { readonly outcome: 'delivered'; readonly status: number }
  /** 410: the receiver wants nothing more, ever. */
  | { readonly outcome: 'gone'; readonly status: number }
  | Failure;

export interface Failure {
  readonly outcome: 'failed';
  /** For logs: names no secret. */
  readonly reason: string;
  readonly status?: number;
  /** No retry would help. */
  readonly permanent: boolean;
  /** How long the receiver asked to be left alone; 0 when it did not. */
  readonly retryAfterMs: number;
  /** It asked so for all requests, not for this one alone. */
  readonly throttled: boolean;
}

/** 4xx answers that say "not now" rather than "not this". */
const passing = new Set([408, 425, 429]);
const throttling = new Set([429, 503]);

/** Judges an answer. 3xx is a failure: nobody follows a redirect with somebody's messages. */
export const judge = (
  status: number,
  retryAfter: string | undefined,
  now: number,
  { retryClientErrors }: { readonly retryClientErrors: boolean },
): AttemptResult => {
  if (status >= 200 && status < 300) return { outcome: 'delivered', status };
  if (status === 410) return { outcome: 'gone', status };
  const refused = status >= 400 && status < 500 && !passing.has(status);
  const wait = retryAfterMs(retryAfter, now);
  return {
    outcome: 'failed',
    reason: status < 400 ? `it answered ${status}; redirects are not followed` : `it answered ${status}`,
    status,
    permanent: refused && !retryClientErrors,
    retryAfterMs: wait,
    throttled: wait > 0 && throttling.has(status),
  };
};

/** Sends one delivery once. Never rejects. */
export const attempt = async (
  egress: Egress,
  endpoint: Endpoint,
  delivery: WebhookRequest,
  about: { readonly number: number; readonly now: number; readonly signal: AbortSignal },
): Promise<AttemptResult> => {
  const { options } = endpoint;
  try {
    const { status, headers } = await egress.request({
      url: endpoint.url,
      method: 'POST',
      headers: attemptHeaders(endpoint, delivery, about.number, about.now),
      body: delivery.body,
      timeoutMs: options.timeoutMs,
      verifyTls: options.verifyTls,
      trusted: endpoint.session === null,
      headOnly: true,
      // The id in the headers lets a receiver tell that it has it already.
      repeatable: true,
      signal: about.signal,
    });
    return judge(status, headers['retry-after'], about.now, options);
  } catch (error) {
    const reason = isEgressError(error) ? error.message : `the request failed: ${sentence(error)}`;
    return { outcome: 'failed', reason, permanent: false, retryAfterMs: 0, throttled: false };
  }
};
