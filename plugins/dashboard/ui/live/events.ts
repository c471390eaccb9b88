import { signal } from '@preact/signals';
import type { Frame } from '../api/shapes.ts';
import { onEvents } from './connection.ts';

/** So many events are remembered; older ones are in the server's log. */
export const maxEvents = 2_000;

/** The newest first. */
export const recentEvents = signal<readonly Frame[]>([]);
export const paused = signal(false);

const take = (frames: readonly Frame[]): void => {
  if (paused.value) return;
  recentEvents.value = [...frames.toReversed(), ...recentEvents.value].slice(0, maxEvents);
};

export const clearEvents = (): void => {
  recentEvents.value = [];
};

export const followEvents = (): (() => void) => {
  const stop = onEvents(take);
  return () => {
    stop();
    clearEvents();
  };
};
