/** `up`, or `down` with a sentence that says why; further fields are shown as they are. */
export interface HealthReport {
  readonly status: 'up' | 'down';
  readonly message?: string;
  readonly [detail: string]: unknown;
}

/** One line of `/health`. Plugins contribute indicators to `Points.HealthIndicator`. */
export interface HealthIndicator {
  readonly name: string;
  /** Called at each request; a throw or a promise over 5 s counts as down. */
  check(): HealthReport | Promise<HealthReport>;
}

/** The whole of `/health`, as terminus shapes it. */
export interface Health {
  readonly status: 'ok' | 'error';
  readonly info: Readonly<Record<string, HealthReport>>;
  readonly error: Readonly<Record<string, HealthReport>>;
  readonly details: Readonly<Record<string, HealthReport>>;
}

/** Asks every indicator. */
export interface HealthCheck {
  check(): Promise<Health>;
}
