import { configFrom } from '../../../core/config/load.ts';
import { startRuntime } from '../../../core/runtime.ts';
import { builtins } from '../../../plugins/index.ts';

/** Publishes numbered events until it is killed, and prints the number of each one that is committed. */
const { folder, apiKey, first, nats } = JSON.parse(process.argv[2] ?? '{}') as {
  folder: string;
  apiKey: string;
  /** null: publishes nothing. */
  first: number | null;
  /** The broker's address; null: no nats plugin. */
  nats: string | null;
};

const runtime = await startRuntime({
  config: configFrom({
    log: { level: 'error', format: 'json' },
    plugins: [
      { use: 'express', config: { host: '127.0.0.1', port: 0, apiKey } },
      { use: 'sqlite', config: { folder } },
      { use: 'websocket' },
      ...(nats === null ? [] : [{ use: 'nats', config: { servers: [nats] } }]),
    ],
  }),
  builtins,
});
process.stdout.write(`listening ${runtime.url}\n`);
let number = first;
while (number !== null) {
  const group = [number, number + 1, number + 2, number + 3];
  const publications = group.map((id) =>
    runtime.bus.publish({
      session: 'ana',
      event: 'chat.archive',
      payload: { id: String(id), archived: true, timestamp: 1 },
      engine: 'NOWEB',
    }),
  );
  await Promise.all(publications);
  process.stdout.write(group.map((id) => `committed ${id}\n`).join(''));
  number += group.length;
  await new Promise((resolve) => setImmediate(resolve));
}
