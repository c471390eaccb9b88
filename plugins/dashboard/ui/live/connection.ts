import { effect, signal } from '@preact/signals';
import { events } from '../api/client.ts';
import { key } from '../api/key.ts';
import type { Frame } from '../api/shapes.ts';

export type LiveState = 'connecting' | 'open' | 'waiting';

/** How the stream of events stands. */
export const liveState = signal<LiveState>('connecting');
/** Events that came since the page was opened. */
export const eventCount = signal(0);

type OnFrames = (frames: readonly Frame[]) => void;

const listeners = new Set<OnFrames>();
const gapListeners = new Set<() => void>();

/** Called with everything that came since the last frame of the screen, once for each. Returns the way to stop. */
export const onEvents = (listener: OnFrames): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Called when events may have been missed: what is shown is to be read again. */
export const onGap = (listener: () => void): (() => void) => {
  gapListeners.add(listener);
  return () => gapListeners.delete(listener);
};

const tellGap = (): void => {
  for (const listener of [...gapListeners]) listener();
};

/** So many events wait for a frame of the screen at most; a tab that is asleep reads what it missed by REST. */
const maxWaiting = 5_000;
/** How often events are handed over while nobody looks (ms): browsers paint no frames then. */
const hiddenPause = 500;
const firstRetry = 500;
const lastRetry = 15_000;

let socket: WebSocket | null = null;
let cursor: number | null = null;
let waiting: Frame[] = [];
let scheduled = false;
let retry = firstRetry;
let timer: ReturnType<typeof setTimeout> | undefined;

const flush = (): void => {
  scheduled = false;
  const frames = waiting;
  waiting = [];
  eventCount.value += frames.length;
  for (const listener of [...listeners]) listener(frames);
};

const schedule = (): void => {
  if (scheduled) return;
  scheduled = true;
  if (document.hidden) setTimeout(flush, hiddenPause);
  else requestAnimationFrame(flush);
};

const take = (text: string): void => {
  const frame = JSON.parse(text) as Frame;
  cursor = frame.cursor;
  if (frame.event === 'resume.gap') tellGap();
  if (frame.event.startsWith('resume.')) return;
  if (waiting.length >= maxWaiting) {
    waiting = [];
    tellGap();
  }
  waiting.push(frame);
  schedule();
};

/** The key as a subprotocol: pages cannot set headers on a WebSocket, and URLs end up in logs. */
const protocolsFor = (text: string): string[] => {
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');
  const encoded = btoa(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  return text ? ['waha.events', `waha.key.${encoded}`] : ['waha.events'];
};

const address = (of: URL): URL => {
  const url = new URL(of);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.searchParams.set('events', '*');
  if (cursor !== null) url.searchParams.set('since', String(cursor));
  return url;
};

const connect = (withKey: string): void => {
  // What is shown is read again every few seconds anyway.
  liveState.value = events ? 'connecting' : 'waiting';
  if (!events) return;
  const opened = new WebSocket(address(events), protocolsFor(withKey));
  let wasOpen = false;
  socket = opened;
  opened.onopen = () => {
    wasOpen = true;
    retry = firstRetry;
    liveState.value = 'open';
    // Without a cursor nobody knows what happened between the first reading and now.
    if (cursor === null) tellGap();
  };
  opened.onmessage = ({ data }) => take(String(data));
  opened.onclose = () => {
    if (socket !== opened) return;
    // A cursor that is refused (another database) leads nowhere: begin anew.
    if (!wasOpen) cursor = null;
    liveState.value = 'waiting';
    timer = setTimeout(() => connect(withKey), retry * (0.5 + Math.random() / 2));
    retry = Math.min(retry * 2, lastRetry);
  };
};

const disconnect = (): void => {
  clearTimeout(timer);
  const closing = socket;
  socket = null;
  closing?.close();
};

/** Listens for as long as somebody is signed in. */
export const startLive = (): (() => void) =>
  effect(() => {
    const withKey = key.value;
    if (withKey === null) return;
    cursor = null;
    connect(withKey);
    return disconnect;
  });
