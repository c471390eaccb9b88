import type { Mutation } from '../mutation.ts';

const page = 'webhooks.md';
const queue = {
  file: 'plugins/webhook/queue/delivery-queue.ts',
  tests: ['plugins/webhook/endpoints-apart.test.ts', 'plugins/webhook/retries.test.ts'],
};
const outbox = { tests: ['plugins/webhook/outbox.test.ts'] };
const health = {
  file: 'plugins/webhook/endpoints/endpoint-health.ts',
  tests: ['plugins/webhook/endpoints-apart.test.ts', 'plugins/webhook/outbox.test.ts'],
};
const headers = { file: 'plugins/webhook/request/request-headers.ts', tests: ['plugins/webhook/headers.test.ts'] };
const signature = { file: 'plugins/webhook/request/signature.ts', tests: ['plugins/webhook/signature.test.ts'] };
const judge = { file: 'plugins/webhook/request/attempt.ts', tests: ['plugins/webhook/judge.test.ts'] };
const delay = { file: 'plugins/webhook/endpoints/retry-delay.ts', tests: ['plugins/webhook/retry-delay.test.ts'] };
const maintenance = { file: 'plugins/webhook/queue/maintenance.ts', ...outbox };
const signed = [page, '`v1,<base64>` of HMAC-SHA256 over `id.timestamp.body`, one for each key'] as const;
const policies = [page, '`constant` 2, 2, 2; `linear` 2, 4, 6; `exponential` 2, 4.1, 8.4 with 20 % jitter'] as const;
const degraded = [page, 'it gets one request at a time and at most one a second, until one succeeds'] as const;

/** From the committed event to the answer of its receiver. */
export const deliveryMutations: readonly Mutation[] = [
  {
    file: 'plugins/webhook/queue/deliveries.ts',
    text: 'const known = this.#queues.get(endpoint.id);',
    replacement: 'const known = [...this.#queues.values()][0];',
    promise: [page, 'An endpoint that is slow, dead or paused does not delay another.'],
    tests: ['plugins/webhook/endpoints-apart.test.ts'],
  },
  {
    file: 'plugins/webhook/queue/deliveries.ts',
    text: 'const waiting = await outbox.countPending(row.id);',
    replacement: 'const waiting = 0;',
    promise: [page, 'Deliveries survive `kill -9`, restarts, full disks and a receiver that is down for a day.'],
    ...outbox,
  },
  {
    file: 'plugins/webhook/queue/deliveries.ts',
    text: "if (row.state === 'dead') void keepDeadLetter(row, { ...this, writer: this.#writer, log: this.#options.log });",
    replacement: '',
    promise: [page, 'dead letters, with their bodies, and what was dropped'],
    ...outbox,
  },
  {
    file: 'plugins/webhook/queue/deliveries.ts',
    text: 'return this.#maintenance.oldestNeeded;',
    replacement: 'return null;',
    promise: [page, 'the event log; what is still to be delivered is kept longer'],
    ...outbox,
  },
  {
    file: 'plugins/webhook/queue/end-waiting.ts',
    text: 'options.end(Object.assign(row, { lastError: ending.reason }), ending.state)',
    replacement: 'options.end(row, ending.state)',
    promise: [
      page,
      'A delivery that is given up is in the delivery log with its reason, in the log and in the metrics.',
    ],
    ...outbox,
  },
  {
    ...headers,
    text: "headers['X-Webhook-Request-Id'] = delivery.requestId;",
    replacement: "headers['X-Webhook-Request-Id'] = delivery.eventId;",
    promise: [page, "WAHA's id of a send; kept over retries"],
  },
  {
    ...headers,
    text: "headers['X-Webhook-Attempt'] = String(attempt);",
    replacement: "headers['X-Webhook-Attempt'] = '1';",
    promise: [page, '1 at first; counts up over retries and replays'],
  },
  {
    ...headers,
    text: "headers['webhook-timestamp'] = String(sentAt);",
    replacement: "headers['webhook-timestamp'] = String(delivery.timestamp);",
    promise: [page, 'when this attempt was made (s)'],
  },
  {
    ...headers,
    text: 'standardSignature(endpoint.keys, ',
    replacement: 'standardSignature([key], ',
    promise: [page, 'also has a signature for each of `hmac.previousKeys` (YAML)'],
  },
  {
    ...signature,
    text: "createHmac('sha512', key)",
    replacement: "createHmac('sha256', key)",
    promise: [page, "WAHA's signature, hex HMAC-SHA512 of the body"],
  },
  { ...signature, text: '`${id}.${seconds}.`', replacement: '`${id}.`', promise: signed },
  {
    ...signature,
    text: "Buffer.from(encoded, 'base64')",
    replacement: "Buffer.from(encoded, 'utf8')",
    promise: [page, 'a key of the form `whsec_<base64>` is decoded as that standard says'],
  },
  {
    ...judge,
    text: 'if (status === 410)',
    replacement: 'if (status === 411)',
    promise: [page, 'the endpoint is disabled: it gets nothing more until its config changes or somebody enables it'],
  },
  {
    ...judge,
    text: 'if (status >= 200 && status < 300)',
    replacement: 'if (status >= 200 && status < 400)',
    promise: [page, 'a failure: redirects are not followed'],
  },
  {
    ...judge,
    text: 'permanent: refused && !retryClientErrors,',
    replacement: 'permanent: refused,',
    promise: [page, 'retried, as WAHA does; with `retryClientErrors: false` given up at once'],
  },
  {
    ...judge,
    text: 'new Set([408, 425, 429])',
    replacement: 'new Set([408, 425])',
    promise: [page, 'given up at once, but for 408, 425 and 429'],
  },
  {
    ...judge,
    text: 'trusted: endpoint.session === null,',
    replacement: 'trusted: true,',
    promise: [page, 'URLs of sessions pass the network guard'],
    tests: ['plugins/webhook/delivery.test.ts', 'plugins/webhook/retries.test.ts'],
  },
  {
    ...queue,
    text: 'this.#disable(`it answered ${result.status}`);',
    replacement: '',
    promise: [page, 'the endpoint is disabled: it gets nothing more until its config changes or somebody enables it'],
  },
  {
    ...queue,
    text: 'if (failure.throttled) health.heldUntil',
    replacement: 'if (!failure) health.heldUntil',
    promise: [page, 'the whole endpoint gets no request for that long'],
  },
  {
    ...queue,
    text: 'Math.max(delay, failure.retryAfterMs)',
    replacement: 'delay',
    promise: [page, 'this delivery waits at least that long'],
  },
  { ...delay, text: 'Math.min(plan.delayMs * retry, plan.longestMs)', replacement: 'plan.delayMs', promise: policies },
  { ...delay, text: 'const jitter = 0.2;', replacement: 'const jitter = 0;', promise: policies },
  {
    ...delay,
    text: 'attempts: 20,',
    replacement: 'attempts: 15,',
    promise: [page, 'Without `retries` a delivery is tried 21 times over 10 to 12 hours'],
  },
  {
    ...health,
    text: 'export const failuresUntilDegraded = 5;',
    replacement: 'export const failuresUntilDegraded = 50;',
    promise: [page, 'Five failures in a row make an endpoint `degraded`'],
  },
  {
    ...queue,
    text: "health.state === 'degraded' ? 1 : endpoint.options.concurrency",
    replacement: 'endpoint.options.concurrency',
    promise: degraded,
  },
  { ...queue, text: 'this.#lastEnd + probeGapMs', replacement: 'this.#lastEnd', promise: degraded },
  {
    ...health,
    text: 'disableAfterMs > 0 && ',
    replacement: '',
    promise: [page, 'an endpoint of the YAML is disabled only if `disableAfterHours` is set'],
  },
  {
    ...health,
    text: 'this.paused = row.paused === 1;',
    replacement: 'this.paused = false;',
    promise: [page, 'the deliveries of a paused endpoint are kept, over restarts, too'],
    tests: ['e2e/delivery-control.test.ts'],
  },
  {
    ...health,
    text: 'if (endpoint && endpoint.settings !== row.settings) return;',
    replacement: '',
    promise: [page, 'it gets nothing more until its config changes or somebody enables it'],
  },
  {
    file: 'plugins/webhook/queue/ordered-backlog.ts',
    text: 'if (head && !this.#busy.has(key)) yield head;',
    replacement: 'if (head && key) yield head;',
    promise: [
      page,
      'a delivery that fails holds back the later deliveries of that session or chat until it is delivered or given up',
    ],
    ...outbox,
  },
  {
    ...queue,
    text: 'if (this.#trimming || this.queued <= queueLimit) return;',
    replacement: 'if (queueLimit > 0) return;',
    promise: [page, 'deliveries that may wait for one endpoint'],
  },
  {
    ...queue,
    text: "overflow === 'reject-new' && this.queued >= queueLimit",
    replacement: 'false',
    promise: [page, 'or reject-new: both are in the delivery log as `dropped`'],
  },
  {
    ...maintenance,
    text: 'await queue.expire(now - retention.pendingMs);',
    replacement: '',
    promise: [page, 'what waits longer, behind a paused endpoint for instance, is given up'],
  },
  {
    ...maintenance,
    text: "await this.#forget('delivered', now - retention.deliveredMs);",
    replacement: '',
    promise: [page, 'the delivery log of what was delivered'],
  },
  {
    file: 'plugins/webhook/queue/replays.ts',
    text: 'attemptsBefore: row.attempts,',
    replacement: 'attemptsBefore: 0,',
    promise: [
      page,
      'A replay keeps the id, continues to count the attempts and starts the retries again from the beginning.',
    ],
    tests: ['plugins/webhook/outbox.test.ts', 'e2e/delivery-control.test.ts'],
  },
  {
    file: 'plugins/webhook/routes/control.ts',
    text: 'const replaysPerMinute = 1_000;',
    replacement: 'const replaysPerMinute = 1_000_000;',
    promise: [page, 'at most 1,000 a minute'],
    tests: ['e2e/delivery-control.test.ts'],
  },
  {
    file: 'plugins/webhook/endpoints/endpoint.ts',
    text: '`${part.slice(0, 2)}…`',
    replacement: 'part',
    promise: [page, 'Keys, headers and URLs are never in the delivery log.'],
    tests: ['plugins/webhook/endpoint.test.ts', 'e2e/delivery-control.test.ts'],
  },
];
