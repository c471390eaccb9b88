import { computed, signal } from '@preact/signals';
import { get } from '../api/client.ts';
import type { Frame, Session, Status } from '../api/shapes.ts';
import { statuses } from '../api/shapes.ts';
import { onEvents, onGap } from './connection.ts';

/** Every session, by name. Null until the first answer. */
export const sessions = signal<readonly Session[] | null>(null);

const byName = (one: Session, other: Session): number => one.name.localeCompare(other.name, 'en', { numeric: true });

export const sessionNames = computed(() => sessions.value?.map(({ name }) => name) ?? []);

export const statusCounts = computed(() => {
  const counts = new Map<Status, number>(statuses.map((status) => [status, 0]));
  for (const { status } of sessions.value ?? []) counts.set(status, (counts.get(status) ?? 0) + 1);
  return counts;
});

export const sessionNamed = (name: string): Session | undefined =>
  sessions.value?.find((session) => session.name === name);

let reading: Promise<void> | null = null;
let again = false;

/** Reads the list. Who asks while it is read gets one more reading, and no more. */
export const readSessions = async (): Promise<void> => {
  if (reading) {
    again = true;
    return reading;
  }
  reading = get<Session[]>('api/sessions?all=true').then((list) => {
    sessions.value = list.sort(byName);
  });
  try {
    await reading;
  } finally {
    reading = null;
    if (again) {
      again = false;
      void readSessions().catch(() => undefined);
    }
  }
};

let soon: ReturnType<typeof setTimeout> | undefined;
const readSoon = (): void => {
  clearTimeout(soon);
  soon = setTimeout(() => void readSessions().catch(() => undefined), 400);
};

/** A session with what an event says of it. What the event does not say holds no longer. */
const changed = ({ reason, note, recoverable, attempt, nextRetryAt, ...rest }: Session, frame: Frame): Session => {
  const { name, statuses, data, ...said } = frame.payload;
  return { ...rest, ...(said as { status: Status }), me: frame.me ?? (said['status'] === 'WORKING' ? rest.me : null) };
};

/** Takes many events over at once: the list changes at most once. */
const take = (frames: readonly Frame[]): void => {
  const list = sessions.value;
  if (!list) return;
  const news = new Map<string, Frame>();
  for (const frame of frames) if (frame.event === 'session.status') news.set(frame.session, frame);
  if (news.size === 0) return;
  const known = new Set(list.map(({ name }) => name));
  // A new one, and one that is stopped and perhaps deleted: the list knows.
  const stopped = [...news.values()].some(({ payload }) => payload['status'] === 'STOPPED');
  if (stopped || [...news.keys()].some((name) => !known.has(name))) readSoon();
  sessions.value = list.map((session) => {
    const frame = news.get(session.name);
    return frame ? changed(session, frame) : session;
  });
};

/** How often the list is read anyway (ms): what others create without a start, or delete, makes no event. */
const every = 10_000;

/** Keeps the list as it is on the server. */
export const followSessions = (): (() => void) => {
  const read = () => void readSessions().catch(() => undefined);
  read();
  const stops = [onEvents(take), onGap(read)];
  const timer = setInterval(() => document.hidden || read(), every);
  return () => {
    clearInterval(timer);
    clearTimeout(soon);
    for (const stop of stops) stop();
    sessions.value = null;
  };
};
