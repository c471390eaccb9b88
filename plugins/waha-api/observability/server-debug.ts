import type { Readable } from 'node:stream';
import { getHeapSnapshot } from 'node:v8';
import { type Clock, type Route, reply, route, Type, tooManyRequests } from 'waha-runtime';
import { cpuProfile } from './cpu-profile.ts';

/** No profile takes longer (s). */
const longestProfile = 300;

/** Roughly how long a heap snapshot takes (s). */
const snapshotTime = 10;

const refusals = {
  403: { description: 'The key is limited to some sessions' },
  429: { description: 'Another one is being made' },
};

/** What developers look into when the server is slow or large. Each of them is made one at a time. */
export const debugRoutes = (clock: Clock, takeSnapshot: () => Readable = getHeapSnapshot): Route[] => [
  cpuRoute(clock),
  heapRoute(clock, takeSnapshot),
];

const cpuRoute = (clock: Clock): Route => {
  let endsAt: number | null = null;
  return route({
    method: 'GET',
    path: '/api/server/debug/cpu',
    right: 'admin',
    summary: 'Record a CPU profile',
    description: 'A `.cpuprofile` file for the developer tools of a browser. The answer comes when the time is up.',
    query: Type.Object({
      seconds: Type.Optional(
        Type.Number({ minimum: 1, maximum: longestProfile, default: 30, description: 'How long to watch' }),
      ),
    }),
    responses: { 200: { description: 'The profile', content: { 'application/json': Type.Unknown() } }, ...refusals },
    async handle({ query: { seconds = 30 }, signal }) {
      const now = clock.now();
      if (endsAt !== null) throw tooManyRequests('a CPU profile is being recorded', secondsUntil(endsAt, now));
      endsAt = now + seconds * 1000;
      try {
        const profile = await cpuProfile(seconds * 1000, clock, signal);
        return file('cpu', now, 'cpuprofile', profile);
      } finally {
        endsAt = null;
      }
    },
  });
};

const heapRoute = (clock: Clock, takeSnapshot: () => Readable): Route => {
  let busy = false;
  return route({
    method: 'GET',
    path: '/api/server/debug/heapsnapshot',
    right: 'admin',
    summary: 'Take a snapshot of the heap',
    description:
      'A `.heapsnapshot` file for the developer tools of a browser. It holds everything in memory, secrets and messages ' +
      'included, and the server stands still while it is taken: seconds, and twice the memory.',
    responses: { 200: { description: 'The snapshot', content: { 'application/json': Type.Unknown() } }, ...refusals },
    handle() {
      if (busy) throw tooManyRequests('a heap snapshot is being taken', snapshotTime);
      busy = true;
      const snapshot = takeSnapshot();
      snapshot.once('close', () => {
        busy = false;
      });
      return file('heap', clock.now(), 'heapsnapshot', snapshot);
    },
  });
};

type Body = NonNullable<Parameters<typeof reply>[0]['body']>;

const file = (name: string, time: number, extension: string, body: Body) =>
  reply({
    body,
    contentType: 'application/json',
    headers: {
      'content-disposition': `attachment; filename="${name}-${time}.${extension}"`,
      'cache-control': 'no-store',
    },
  });

const secondsUntil = (moment: number, now: number): number => Math.max(1, Math.ceil((moment - now) / 1000));
