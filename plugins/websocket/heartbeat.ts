import type { Clock } from 'waha-runtime';
import type { Client } from './client.ts';

export interface HeartbeatOptions {
  readonly clock: Clock;
  /** How often clients are pinged, and how long they may take to answer (ms). */
  readonly every: number;
  readonly answerWithin: number;
  /** Asked at each beat. */
  clients(): Iterable<Client>;
  /** Called for a client that did not answer in time. */
  silent(client: Client): void;
}

/** Pings every client again and again. Returns the way to stop. */
export const startHeartbeat = ({ clock, every, answerWithin, clients, silent }: HeartbeatOptions): (() => void) => {
  const within = Math.min(every, answerWithin);
  // In two halves: a process that stood still finds its timers due before it has read what came meanwhile.
  const half = within / 2;
  let timer: unknown;
  const beat = (): void => {
    for (const client of clients()) client.ping();
    timer = clock.setTimeout(wait, half);
  };
  const wait = (): void => {
    timer = clock.setTimeout(judge, half);
  };
  const judge = (): void => {
    for (const client of [...clients()]) if (client.silent) silent(client);
    timer = clock.setTimeout(beat, every - within);
  };
  timer = clock.setTimeout(beat, every);
  return () => clock.clearTimeout(timer);
};
