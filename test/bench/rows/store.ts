import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Pair } from '../report/statistics.ts';
import type { Bench, Figure, Row } from '../row.ts';
import { barrage, pause } from '../sides/http.ts';
import { Waha } from '../sides/waha.ts';

interface Delay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** How late the event loop was, in ms, and how much of that the process was working. */
interface Delays {
  readonly late: Delay;
  readonly working: Delay;
}

const small = { phone: '5533000000001', chats: 20, messages: 1_000 };
const large = (quick: boolean) => ({
  phone: '5533000000002',
  chats: quick ? 200 : 1_000,
  messages: quick ? 10_000 : 100_000,
});
type Past = typeof small;

const calmMs = 5_000;
const inFlight = 4;

/** The same pages from a small and from a large store, and what the sync of the large one does to the rest of the process. */
export const store: Row = {
  name: 'store',
  title: 'pages of a large store, and the event loop during its history sync',
  quick: true,
  async measure(bench) {
    const folder = mkdtempSync(join(tmpdir(), 'waha-bench-store-'));
    const meter = pathToFileURL(bench.package.child('loop-meter')).href;
    const sandbox = await bench.sandbox();
    const waha = await Waha.start(bench.package, { folder, sandbox, atOnce: 8, flags: ['--import', meter] });
    try {
      const past = large(bench.options.quick);
      await fill(bench, waha, small);
      await waha.process.call('delays');
      await pause(calmMs);
      const calm = await waha.process.call<Delays>('delays');
      const seconds = await fill(bench, waha, past);
      const busy = await waha.process.call<Delays>('delays');
      const lateness = `${Math.round(busy.late.p99)} ms late at p99, ${Math.round(busy.late.max)} at most`;
      bench.say(`${past.messages} messages in ${seconds} s; the event loop was ${lateness}, whoever's fault`);
      return [delay(past, calm, busy, seconds), await overview(bench, waha, past), await messages(bench, waha, past)];
    } finally {
      await waha.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Links a session whose phone has a past, and waits until all of it is in the store; resolves with the seconds. */
const fill = async (bench: Bench, waha: Waha, { phone, chats, messages: count }: Past): Promise<number> => {
  const sandbox = await bench.sandbox();
  await sandbox.remember(phone, { chats, messages: count });
  const began = performance.now();
  await waha.create(sandbox, phone, { noweb: { store: { enabled: true } } });
  const oldest = `/api/${phone}/chats/${chatOf(chats - 1)}/messages?limit=1&sortOrder=asc&downloadMedia=false`;
  for (;;) {
    const [message] = await waha.get<{ body: string }[]>(oldest);
    if (message?.body.startsWith(`message ${chats - 1} `)) break;
    await pause(200);
  }
  return Math.round((performance.now() - began) / 100) / 10;
};

/** Somebody in the history that the sandbox makes up. */
const chatOf = (index: number): string => `${4_917_000_000_000 + index}@c.us`;

const delay = ({ messages: count }: Past, calm: Delays, busy: Delays, seconds: number): Figure => ({
  row: 'history-delay',
  unit: 'ms',
  title: `event-loop delay of the process's own making, p99, while a session syncs ${count} messages; floor: nothing happens`,
  goal: { adds: 50 },
  // Nothing at all is as good as a tenth of a millisecond.
  rounds: [{ floor: Math.max(calm.working.p99, 0.1), ours: busy.working.p99 }],
  notes: { seconds, max: busy.working.max, lateP99: busy.late.p99, lateMax: busy.late.max },
});

const overview = (bench: Bench, waha: Waha, past: Past): Promise<Figure> => {
  const path = (phone: string) => `/api/${phone}/chats/overview?limit=20`;
  return pages(bench, waha, past, 'store-overview', path, 'chats/overview?limit=20');
};

const messages = (bench: Bench, waha: Waha, past: Past): Promise<Figure> => {
  const path = (phone: string) => `/api/${phone}/chats/${chatOf(7)}/messages?limit=20&offset=10&downloadMedia=false`;
  return pages(bench, waha, past, 'store-messages', path, 'chats/{id}/messages?limit=20&offset=10');
};

const pages = async (
  { options }: Bench,
  waha: Waha,
  past: Past,
  row: string,
  path: (phone: string) => string,
  what: string,
): Promise<Figure> => {
  const { headers } = waha;
  const milliseconds = async (phone: string): Promise<number> =>
    (inFlight * 1000) / (await barrage(waha.url, { path: path(phone), headers, requests: 200, inFlight }));
  const rounds: Pair[] = [];
  for (let round = 0; round <= options.rounds; round++) {
    const floor = await milliseconds(small.phone);
    const ours = await milliseconds(past.phone);
    if (round > 0) rounds.push({ floor, ours });
  }
  const title = `${what} of ${past.messages} stored messages in ${past.chats} chats; floor: of ${small.messages} in ${small.chats}`;
  return { row, unit: 'ms', title, goal: { at: 'most', ratio: 2 }, rounds };
};
