import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Change, type Database, definePlugin, Points } from 'waha-runtime';
import { configFrom } from '../../core/config/load.ts';
import { type Runtime, startRuntime } from '../../core/runtime.ts';
import { memoryDatabase } from '../../core/testing/memory-database.ts';
import { builtins } from '../../plugins/index.ts';
import { Api } from '../support/api.ts';
import { apiKey } from '../support/deployment.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';

let receiver: Receiver;
let runtime: Runtime;
let api: Api;
let full = false;

/** A storage plugin whose disk can be full. */
const disk = definePlugin({
  name: 'disk',
  contributesFirst: [Points.Database],
  setup({ contribute }) {
    const inner = memoryDatabase();
    const database: Database = {
      driver: 'disk',
      open: (schema) => inner.open(schema),
      batch: async (changes: readonly Change[]) => {
        if (full) throw new Error('no space left on the disk');
        await inner.batch(changes);
      },
      close: () => inner.close(),
    };
    contribute(Points.Database, database);
  },
});

beforeAll(async () => {
  receiver = await startReceiver();
  const yaml = {
    log: { level: 'silent' },
    plugins: [
      { use: 'express', config: { host: '127.0.0.1', port: 0, apiKey } },
      { use: 'disk' },
      { use: 'webhook', config: { url: receiver.url } },
    ],
  };
  runtime = await startRuntime({
    config: configFrom(yaml),
    builtins: { ...builtins, disk: async () => ({ default: disk }) } as typeof builtins,
  });
  api = new Api(runtime.url ?? '');
});
afterAll(async () => {
  await runtime.stop();
  await receiver.close();
});

const publish = (n: number): Promise<void> =>
  runtime.bus.publish({
    session: 'ana',
    event: 'chat.archive',
    payload: { id: String(n), archived: true, timestamp: n },
    engine: 'NOWEB',
  });

it('a full disk makes the server unready, nothing is dropped, and it goes on by itself', async () => {
  await publish(1);
  await receiver.next();
  expect((await api.get('/health')).status).toBe(200);
  full = true;
  const waiting = [publish(2), publish(3)];
  const answer = await api.get('/health');
  expect(answer.status).toBe(503);
  expect(JSON.stringify(answer.body)).toContain('no space left on the disk');
  expect(receiver.requests).toHaveLength(1);
  full = false;
  await Promise.all(waiting);
  const got = await receiver.next(2);
  expect(got.map(({ json }) => (json['payload'] as { timestamp: number }).timestamp).sort()).toEqual([2, 3]);
  expect((await api.get('/health')).status).toBe(200);
});
