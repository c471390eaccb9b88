/** How much of the delivery log is kept; times in milliseconds. */
export interface Retention {
  readonly deliveredMs: number;
  readonly failedMs: number;
  readonly pendingMs: number;
  /** Of each state. */
  readonly maxRows: number;
}
