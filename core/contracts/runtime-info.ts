/** Facts about this process that events and answers carry. */
export interface RuntimeInfo {
  readonly version: string;
  /** Always `CORE`: there is one tier, and it can do everything. */
  readonly tier: 'CORE';
  readonly workerId: string;
  /** ms since the epoch. */
  readonly startedAt: number;
  /** The engine of sessions that name none. */
  readonly defaultEngine: string;
}
