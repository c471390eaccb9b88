import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pair } from '../report/statistics.ts';
import type { Bench, Figure, Row } from '../row.ts';
import { barrage, eachOf } from '../sides/http.ts';
import type { Sandbox } from '../sides/sandbox.ts';
import { Waha } from '../sides/waha.ts';
import { settled } from './idle.ts';

/** An account with many groups, and what its first list took (ms). */
interface Account {
  readonly phone: string;
  readonly groups: number;
  /** Of each group, ourselves included. */
  readonly members: number;
}

/** Something that is asked of both accounts. */
interface Question {
  readonly row: string;
  readonly title: string;
  path(account: Account, jids: readonly string[], index: number): string;
  /** How many things an answer is about. */
  items(account: Account): number;
  readonly requests: number;
}

const small: Account = { phone: '5577000000001', groups: 10, members: 10 };
const large = (quick: boolean): Account => ({
  phone: '5577000000002',
  groups: quick ? 100 : 1_000,
  members: quick ? 100 : 1_000,
});

const page = 10;
const atMost = 1.5;

const questions: readonly Question[] = [
  {
    row: 'groups-list',
    title: `GET /groups?limit=${page}&exclude=participants, for each group`,
    path: ({ phone }) => `/api/${phone}/groups?limit=${page}&exclude=participants`,
    items: () => page,
    requests: 200,
  },
  {
    row: 'groups-page',
    title: `GET /groups?limit=${page}, for each participant`,
    path: ({ phone }) => `/api/${phone}/groups?limit=${page}`,
    items: ({ members }) => page * members,
    requests: 40,
  },
  {
    row: 'groups-roster',
    title: 'GET /groups/{id}/participants/v2 of one group after the other, for each participant',
    path: ({ phone }, jids, index) => `/api/${phone}/groups/${jids[index % jids.length]}/participants/v2`,
    items: ({ members }) => members,
    requests: 200,
  },
];

/** The same of an account with many large groups and of one with few small ones, and what the large ones weigh. */
export const groups: Row = {
  name: 'groups',
  title: 'groups of an account with many large ones',
  quick: true,
  async measure(bench) {
    const folder = mkdtempSync(join(tmpdir(), 'waha-bench-groups-'));
    const sandbox = await bench.sandbox();
    const waha = await Waha.start(bench.package, { folder, sandbox, atOnce: 8 });
    try {
      const account = large(bench.options.quick);
      const few = await fill(bench, waha, small);
      await firstList(bench, waha, small);
      await readAll(waha, small, few);
      const before = await settled(waha.process);
      const many = await fill(bench, waha, account);
      const firstMs = await firstList(bench, waha, account);
      const listed = await settled(waha.process);
      const rostersMs = await readAll(waha, account, many);
      const after = await settled(waha.process);
      const figures: Figure[] = [];
      for (const question of questions) figures.push(await ask(bench, waha, question, { account, few, many }));
      const notes = {
        'first list (ms)': Math.round(firstMs),
        'all rosters once (ms)': Math.round(rostersMs),
        'after the list (MB)': megabytes(listed),
        'after the measurements (MB)': megabytes(await settled(waha.process)),
      };
      return [...figures, memory(account, { floor: megabytes(before), ours: megabytes(after) }, notes)];
    } finally {
      await waha.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10;

/** Puts an account into its groups, then links it. */
const fill = async (bench: Bench, waha: Waha, { phone, groups: count, members }: Account): Promise<string[]> => {
  const sandbox: Sandbox = await bench.sandbox();
  // The account itself, and the contact that makes the group.
  const others = Array.from({ length: members - 2 }, (_, index) => `${5_578_000_000_000 + index}`);
  const jids: string[] = [];
  await eachOf([...Array(count).keys()], 4, async () => jids.push(await sandbox.group(phone, others)));
  await waha.create(sandbox, phone);
  return jids;
};

const firstList = async ({ say }: Bench, waha: Waha, { phone, groups: count, members }: Account): Promise<number> => {
  const began = performance.now();
  await waha.get(`/api/${phone}/groups?limit=${page}`);
  const took = performance.now() - began;
  say(`the first page of ${count} groups of ${members} took ${Math.round(took)} ms`);
  return took;
};

/** Asks for the members of every group once; resolves with the milliseconds. */
const readAll = async (waha: Waha, { phone }: Account, jids: readonly string[]): Promise<number> => {
  const began = performance.now();
  const path = (index: number) => `/api/${phone}/groups/${jids[index]}/participants`;
  await barrage(waha.url, { path, headers: waha.headers, requests: jids.length, inFlight: 2 });
  return performance.now() - began;
};

const ask = async (
  { options }: Bench,
  waha: Waha,
  { row, title, path, items, requests }: Question,
  {
    account,
    few,
    many,
  }: { readonly account: Account; readonly few: readonly string[]; readonly many: readonly string[] },
): Promise<Figure> => {
  const each = async (of: Account, jids: readonly string[]): Promise<number> => {
    const question = { path: (index: number) => path(of, jids, index), headers: waha.headers, requests, inFlight: 1 };
    return 1_000_000 / (await barrage(waha.url, question)) / items(of);
  };
  const rounds: Pair[] = [];
  for (let round = 0; round <= options.rounds; round++) {
    const pair = { floor: await each(small, few), ours: await each(account, many) };
    if (round > 0) rounds.push(pair);
  }
  const sides = `of ${account.groups} groups of ${account.members}; floor: of ${small.groups} of ${small.members}`;
  return { row, unit: 'µs', title: `${title}, ${sides}`, goal: { at: 'most', ratio: atMost }, rounds };
};

const memory = ({ groups: count, members }: Account, pair: Pair, notes: Readonly<Record<string, number>>): Figure => ({
  row: 'groups-memory',
  unit: 'MB',
  title: `resident memory after the members of ${count} groups of ${members} were asked for; floor: before that session`,
  goal: { adds: 250 },
  rounds: [pair],
  notes,
});
