import { backoff, type Random, type RetriesConfig } from 'waha-runtime';

/** When a delivery that failed is tried again. */
export interface RetryPlan {
  readonly policy: 'constant' | 'linear' | 'exponential';
  readonly delayMs: number;
  /** How many retries follow the first attempt. */
  readonly attempts: number;
  /** No single wait is longer than this. */
  readonly longestMs: number;
}

const seconds = 1_000;
const hours = 3_600 * seconds;

/** No wait is longer, whatever a policy or a `Retry-After` asks for. */
export const longestWaitMs = 24 * hours;

/** WAHA's: 15 retries, 2 s apart. What a `retries` object leaves out comes from here. */
const wahaRetries: RetryPlan = {
  policy: 'constant',
  delayMs: 2 * seconds,
  attempts: 15,
  longestMs: longestWaitMs,
};

/**
 * Ours, when nothing is configured: 2 s, 4 s, 8 s … an hour, and hourly from then on. The 20 retries last 10 to 12
 * hours, so a receiver may be down for a night.
 */
export const lastingRetries: RetryPlan = {
  policy: 'exponential',
  delayMs: 2 * seconds,
  attempts: 20,
  longestMs: hours,
};

/** The plan of a webhook's `retries`; ours when it has none. */
export const retryPlan = (config: RetriesConfig | null | undefined): RetryPlan =>
  config
    ? {
        policy: config.policy ?? wahaRetries.policy,
        delayMs: (config.delaySeconds ?? wahaRetries.delayMs / seconds) * seconds,
        attempts: config.attempts ?? wahaRetries.attempts,
        longestMs: longestWaitMs,
      }
    : lastingRetries;

const jitter = 0.2;

/** The wait before retry `retry` (from 1), or null when there is no such retry. Only `exponential` has jitter. */
export const retryDelay = (plan: RetryPlan, retry: number, random: Random): number | null => {
  if (retry > plan.attempts) return null;
  if (plan.policy === 'constant') return plan.delayMs;
  if (plan.policy === 'linear') return Math.min(plan.delayMs * retry, plan.longestMs);
  const delay = backoff(retry, { first: plan.delayMs, longest: plan.longestMs });
  return Math.round(delay * (1 + jitter * random()));
};

/** What a `Retry-After` header asks for, in milliseconds from now: seconds or a date. 0 when it says nothing. */
export const retryAfterMs = (header: string | undefined, now: number): number => {
  const text = header?.trim() ?? '';
  if (text === '') return 0;
  const wait = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * seconds : Date.parse(text) - now;
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), longestWaitMs) : 0;
};
