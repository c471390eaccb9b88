import type { ServerResponse } from 'node:http';
import { type Distribution, Histogram, type MetricSource, type Route, type Sample } from 'waha-runtime';

/** Seconds. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Counted {
  readonly labels: Readonly<Record<string, string>>;
  readonly durations: Histogram;
  readonly statuses: Map<number, number>;
}

/** Counts and times requests by the operation that they asked for: there are as many as there are routes, whatever is asked. */
export class RequestMetrics implements MetricSource {
  readonly name = 'http';
  readonly #routes = new Map<Route, Counted>();

  /** Notes a request when it is over. */
  note = (route: Route, response: ServerResponse): void => {
    const startedAt = performance.now();
    response.once('close', () => {
      const counted = this.#of(route);
      // A client that left got no answer.
      const status = response.writableFinished ? response.statusCode : 499;
      counted.durations.observe((performance.now() - startedAt) / 1_000);
      counted.statuses.set(status, (counted.statuses.get(status) ?? 0) + 1);
    });
  };

  collect(): (Sample | Distribution)[] {
    return [...this.#routes.values()].flatMap(({ labels, durations, statuses }) => [
      ...[...statuses].map(
        ([status, value]): Sample => ({
          name: 'waha_http_requests_total',
          help: 'Requests by operation and status',
          type: 'counter',
          labels: { ...labels, status: String(status) },
          value,
        }),
      ),
      {
        name: 'waha_http_request_duration_seconds',
        help: 'How long requests took, by operation',
        type: 'histogram' as const,
        labels,
        ...durations.buckets,
      },
    ]);
  }

  #of(route: Route): Counted {
    const known = this.#routes.get(route);
    if (known) return known;
    const { method, path } = route;
    const counted = { labels: { method, path }, durations: new Histogram(bounds), statuses: new Map() };
    this.#routes.set(route, counted);
    return counted;
  }
}
