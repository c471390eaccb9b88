import type { LoggedEvent } from 'waha-runtime';

const frames = new WeakMap<LoggedEvent, Buffer>();

/**
 * The event as it was committed, byte by byte, with its cursor as one more field at the end. Made once per event, for
 * all clients.
 */
export const frameOf = (logged: LoggedEvent): Buffer => {
  const made = frames.get(logged);
  if (made) return made;
  const frame = Buffer.from(`${logged.body.slice(0, -1)},"cursor":${logged.cursor}}`);
  frames.set(logged, frame);
  return frame;
};

/** What a client that resumes is told besides events. */
export interface ResumeFrame {
  /** `gap`: the log no longer has all that the client missed. `live`: it has everything; what follows happens now. */
  readonly event: 'resume.gap' | 'resume.live';
  readonly timestamp: number;
  readonly payload: Readonly<Record<string, number>>;
  /** Up to where the client now has everything that there is. */
  readonly cursor: number;
}

export const resumeFrame = (frame: ResumeFrame): Buffer => Buffer.from(JSON.stringify(frame));
