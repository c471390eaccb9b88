/** What a metric is and which of its values this is. Names are Prometheus': `waha_webhook_deliveries_total`. */
interface Named {
  /** `[a-z_][a-z0-9_]*`; a counter's ends in `_total`. The prefix is `waha_`. */
  readonly name: string;
  /** One sentence; the same for every value of the metric. */
  readonly help: string;
  /** Few different values each: never a chat, a message or a URL. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** A number at this moment: a counter only ever grows while the process lives. */
export interface Sample extends Named {
  readonly type: 'counter' | 'gauge';
  readonly value: number;
}

/** How many values were at most as large as each bound. */
export interface Distribution extends Named {
  readonly type: 'histogram';
  /** Ascending; the last bucket, +Inf, is not among them. */
  readonly bounds: readonly number[];
  /** For each bound how many values were at most that large, and last how many there were in all. */
  readonly counts: readonly number[];
  readonly sum: number;
}

/** Figures for `/metrics`. Plugins contribute sources to `Points.Metrics`. */
export interface MetricSource {
  /** Names it in logs. */
  readonly name: string;
  /** Called at each scrape; quick. A throw leaves this source out and is logged. */
  collect(): readonly (Sample | Distribution)[];
}
