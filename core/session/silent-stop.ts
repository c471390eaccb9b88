import type { StatusEmitted } from './context.ts';

/** How a session begins: stopped, and nobody is told. */
export const silentStop: Omit<StatusEmitted, 'me'> = {
  type: 'status',
  status: 'STOPPED',
  reason: null,
  message: null,
  note: null,
  attempt: 0,
  nextRetryAt: null,
  restriction: null,
  capping: null,
  phoneSilence: null,
  scanAgain: false,
  update: null,
};
