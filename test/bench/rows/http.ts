import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pair } from '../report/statistics.ts';
import type { Bench, Figure, Goal, Row } from '../row.ts';
import { barrage, call, eachOf } from '../sides/http.ts';
import { NodeProcess } from '../sides/process.ts';
import { Waha } from '../sides/waha.ts';

const inFlight = 20;

/** Answers of the API against bare express that sends the same bytes. */
export const requests: Row = {
  name: 'requests',
  title: 'GET /ping and GET /api/sessions',
  quick: true,
  async measure(bench) {
    const folder = mkdtempSync(join(tmpdir(), 'waha-bench-http-'));
    const waha = await Waha.start(bench.package, { folder, sandbox: await bench.sandbox(), atOnce: 8 });
    const express = new NodeProcess(bench.package.child('express'));
    try {
      const { url } = await express.call<{ url: string }>('listen');
      const ask = (ask: Question) => compare(bench, waha, express, url, ask);
      const ping = await ask({ row: 'ping', path: '/ping', requests: 3000 });
      await create(waha, 0, 20);
      const twenty = await ask({ row: 'list-20', path: '/api/sessions?all=true', requests: 2000, goal: least(0.7) });
      const keys = await manyKeys(bench, waha);
      if (bench.options.quick) return [ping, twenty, keys];
      await create(waha, 20, 1000);
      return [ping, twenty, keys, await ask({ row: 'list-1000', path: '/api/sessions?all=true', requests: 60 })];
    } finally {
      await Promise.all([waha.stop(), express.stop()]);
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

interface Question {
  readonly row: string;
  readonly path: string;
  readonly requests: number;
  readonly goal?: Goal;
}

const least = (ratio: number): Goal => ({ at: 'least', ratio });

/** The same list by one of 1,000 keys, against the server's own key: in turns, on one server. */
const manyKeys = async ({ options }: Bench, waha: Waha): Promise<Figure> => {
  const path = '/api/sessions?all=true';
  const names = Array.from({ length: 1_000 }, (_, index) => `key ${index}`);
  const made: string[] = [];
  await eachOf(names, 8, async (note) => {
    const { key } = await waha.post<{ key: string }>('/api/keys', { isAdmin: true, isActive: true, note });
    made.push(key);
  });
  const headers = { 'x-api-key': made[500] ?? '' };
  const rounds: Pair[] = [];
  for (let round = 0; round <= options.rounds; round++) {
    const floor = await barrage(waha.url, { path, headers: waha.headers, requests: 2_000, inFlight });
    const ours = await barrage(waha.url, { path, headers, requests: 2_000, inFlight });
    if (round > 0) rounds.push({ floor, ours });
  }
  const title = `GET ${path} by one of 1,000 keys; floor: by the server's own key`;
  return { row: 'list-20-keys', unit: 'requests/s', title, rounds, goal: least(0.95) };
};

/** Sessions that are stopped cost the list as much as those that work. */
const create = (waha: Waha, from: number, to: number): Promise<void> => {
  const names = Array.from({ length: to - from }, (_, index) => `list-${from + index}`);
  const config = {
    metadata: { team: 'support' },
    webhooks: [{ url: 'https://example.com/hook', events: ['message'] }],
  };
  return eachOf(names, 8, (name) => waha.post('/api/sessions', { name, start: false, config }));
};

const compare = async (
  { options }: Bench,
  waha: Waha,
  express: NodeProcess,
  url: string,
  { row, path, requests, goal }: Question,
): Promise<Figure> => {
  const value = await call('GET', waha.url + path, undefined, 'bench');
  const body = JSON.stringify(value);
  await express.call('answer', { path: path.replace(/\?.*/, ''), body, type: 'application/json; charset=utf-8' });
  const { headers } = waha;
  const rounds: Pair[] = [];
  for (let round = 0; round <= options.rounds; round++) {
    const floor = await barrage(url, { path, requests, inFlight });
    const ours = await barrage(waha.url, { path, headers, requests, inFlight });
    if (round > 0) rounds.push({ floor, ours });
  }
  const title = `GET ${path} (${body.length} bytes); floor: bare express sending the same bytes`;
  return { row, unit: 'requests/s', title, rounds, ...(goal ? { goal } : {}) };
};
