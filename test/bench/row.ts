import type { Fleet, FleetSink } from './fleet.ts';
import type { BenchOptions } from './options.ts';
import type { Package } from './package.ts';
import type { Pair } from './report/statistics.ts';
import type { Sandbox } from './sides/sandbox.ts';

/** What rows measure with. Sessions are linked when a row first asks for them, and shared by the rows that follow. */
export interface Bench {
  readonly options: BenchOptions;
  readonly package: Package;
  sandbox(): Promise<Sandbox>;
  /** Both sides with at least this many linked sessions each; those of the floor need not be connected. */
  linked(sessions: number): Promise<Fleet>;
  /** The same, connected. Messages go to a webhook or to a WebSocket. */
  fleet(sessions: number, sink?: FleetSink): Promise<Fleet>;
  /** Told what goes on. */
  say(what: string): void;
}

/** What a row must reach: our figure as a ratio to the floor's. */
export interface RatioGoal {
  readonly at: 'least' | 'most';
  readonly ratio: number;
}

/** What a row must reach: how much more than the floor it takes at most, in the row's unit. */
export interface AddedGoal {
  readonly adds: number;
}

/** What a row must reach, whatever the floor takes: at most so much, in the row's unit. */
export interface LimitGoal {
  readonly limit: number;
}

export type Goal = RatioGoal | AddedGoal | LimitGoal;

/** One line of the table. */
export interface Figure {
  readonly row: string;
  readonly unit: string;
  /** What is measured, and against what. */
  readonly title: string;
  readonly goal?: Goal;
  readonly rounds: readonly Pair[];
  /** CPU time per message or request (ms): other processes on the machine disturb it least. */
  readonly cpu?: Pair;
  /** The floor was given up on, so its figure is at most this, and the ratio at least that. */
  readonly floorAtMost?: boolean;
  /** What a reader must know to read it. */
  readonly caveats?: readonly string[];
  /** Further medians worth a look. */
  readonly notes?: Readonly<Record<string, string | number>>;
}

/** A row that could not be measured. */
export interface Failure {
  /** Its name for `--only`. */
  readonly row: string;
  readonly error: string;
}

/** A measurement. It may yield several figures: one restart of a fleet times the resume and weighs the memory. */
export interface Row {
  readonly name: string;
  readonly title: string;
  /** Part of `--quick`. */
  readonly quick: boolean;
  /** Measured only when `--only` names it. */
  readonly byName?: boolean;
  measure(bench: Bench): Promise<readonly Figure[]>;
}
