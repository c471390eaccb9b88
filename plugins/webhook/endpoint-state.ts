import { Breaker, type EndpointState } from './breaker.ts';
import type { Endpoint } from './endpoint.ts';
import type { EndpointRow } from './outbox-schema.ts';

/** What an endpoint taught, and what somebody decided about it. The part that outlives the process is an `EndpointRow`. */
export class Standing {
  breaker = new Breaker();
  paused = false;
  /** Why it gets nothing any more, or null. */
  disabled: string | null = null;
  /** Nothing starts before (ms), because it asked so. */
  heldUntil = 0;
  lastSuccessAt: number | null = null;
  lastFailureAt: number | null = null;

  get state(): EndpointState {
    return this.breaker.state;
  }

  /** Nothing is held against it: forgetting it loses nothing. */
  get clean(): boolean {
    return this.breaker.clean && !this.paused && this.disabled === null;
  }

  /** Starts where the process before ended. */
  restore(row: EndpointRow, endpoint: Endpoint | null): void {
    this.paused = row.paused === 1;
    if (endpoint && endpoint.settings !== row.settings) return;
    if (row.failingSince !== null) this.breaker.failingSince(row.failingSince);
    if (row.disabled === null) return;
    this.disabled = row.disabled;
    this.breaker.disable();
  }

  disable(why: string): void {
    this.disabled = why;
    this.breaker.disable();
  }

  /** Its config changed, or somebody enabled it: nothing is held against it any more. */
  forgive(): void {
    this.breaker = new Breaker();
    this.disabled = null;
    this.heldUntil = 0;
  }
}

/** The row of an endpoint as it is now. */
export const endpointRow = (
  endpoint: Endpoint,
  standing: Standing | null,
  about: { readonly plugin: string; readonly now: number },
): EndpointRow => ({
  id: endpoint.id,
  owner: endpoint.session === null ? about.plugin : 'sessions',
  session: endpoint.session,
  label: endpoint.label,
  settings: endpoint.settings,
  paused: standing?.paused ? 1 : 0,
  disabled: standing?.disabled ?? null,
  failingSince: standing && standing.breaker.failures > 0 ? standing.breaker.since : null,
  updatedAt: about.now,
});
