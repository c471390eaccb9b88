import type { AddressInfo } from 'node:net';
import { makeWASocket, type WAMessage, type WASocket } from '@whiskeysockets/baileys';
import { pino } from 'pino';
import { Pool } from 'undici';
import { WebSocketServer } from 'ws';
import { withSharedContext } from '../../../plugins/baileys/libsignal/shared-context.ts';
import { call } from '../sides/http.ts';
import { BareAuth } from './bare-auth.ts';
import { heapUsed } from './heap.ts';
import { serve } from './serve.ts';

/**
 * Bare Baileys as somebody would run it who has measured it: one `AsyncLocalStorage` for all sockets (before Node 24 one each
 * makes every promise of the process dearer), keys in memory, and a POST over kept connections (undici) for every message.
 */
interface Line {
  readonly auth: BareAuth;
  socket: WASocket;
}
interface Places {
  readonly whatsApp: string;
  readonly control: string;
  /** Where messages are posted; null when a WebSocket gets them. */
  readonly webhook: string | null;
}
interface Resume {
  readonly numbers: string[];
  readonly atOnce: number;
  readonly folder: string;
  readonly limitMs: number;
}

// libsignal prints sessions, private keys included, and printing costs.
for (const level of ['info', 'warn', 'error'] as const) console[level] = () => undefined;

const logger = pino({ level: 'silent' }) as never;
const lines = new Map<string, Line>();
let places: Places = { whatsApp: '', control: '', webhook: null };
let server: WebSocketServer | undefined;
/** Connections to the webhook's server; made with the first message. */
let pool: Pool | undefined;

const hand = (message: WAMessage): void => {
  if (places.webhook !== null) return void post(new URL(places.webhook), JSON.stringify(message));
  const frame = JSON.stringify({ id: message.key.id, payload: message });
  for (const client of server?.clients ?? []) client.send(frame);
};

const post = async ({ origin, pathname }: URL, body: string): Promise<void> => {
  pool ??= new Pool(origin, { connections: 64 });
  const headers = { 'content-type': 'application/json' };
  const answer = await pool.request({ path: pathname, method: 'POST', headers, body });
  await answer.body.dump();
};

const listen = (): Promise<string> =>
  new Promise((resolve) => {
    const opened = new WebSocketServer({ host: '127.0.0.1', port: 0 }, () => {
      resolve(`ws://127.0.0.1:${(opened.address() as AddressInfo).port}`);
    });
    server = opened;
  });

const open = (number: string, auth: BareAuth): Line => {
  const socket = withSharedContext(() => makeWASocket({ auth, logger, waWebSocketUrl: places.whatsApp }));
  socket.ev.on('creds.update', (update) => Object.assign(auth.creds, update));
  socket.ev.on('messages.upsert', ({ messages, type }) => {
    if (type !== 'notify') return;
    for (const message of messages) hand(message);
  });
  const line = { auth, socket };
  lines.set(number, line);
  return line;
};

const until = <T>(
  socket: WASocket,
  pick: (update: { qr?: string; connection?: string }) => T | undefined,
): Promise<T> =>
  new Promise((resolve) => {
    socket.ev.on('connection.update', (update) => {
      const picked = pick(update as { qr?: string; connection?: string });
      if (picked !== undefined) resolve(picked);
    });
  });

/** Whether it has come to be open; not when it was closed before. */
const opened = (socket: WASocket): Promise<boolean> =>
  until(socket, ({ connection }) =>
    connection === 'open' || connection === 'close' ? connection === 'open' : undefined,
  );

/** Reconnects as often as it takes, as the README of Baileys has it. */
const connect = async (number: string, auth: BareAuth): Promise<void> => {
  while (!(await opened(open(number, auth).socket)));
};

const linkOne = async (number: string): Promise<void> => {
  const { socket, auth } = open(number, new BareAuth());
  const closed = until(socket, ({ connection }) => (connection === 'close' ? true : undefined));
  const qr = await until(socket, (update) => update.qr);
  await call('POST', `${places.control}/api/sandbox/phones/${number}/scan`, { qr });
  await closed;
  await connect(number, auth);
};

/** Begins with no further one after the limit; resolves with those that are done by then. */
const eachOf = async (
  numbers: readonly string[],
  atOnce: number,
  work: (number: string) => Promise<unknown>,
  limitMs?: number,
) => {
  const rest = [...numbers];
  const done: string[] = [];
  const worker = async (): Promise<void> => {
    for (let number = rest.shift(); number; number = rest.shift()) {
      await work(number);
      done.push(number);
    }
  };
  const began = performance.now();
  const all = Promise.all(Array.from({ length: atOnce }, worker));
  await (limitMs === undefined ? all : Promise.race([all, pause(limitMs).then(() => rest.splice(0))]));
  return { ms: performance.now() - began, done: [...done] };
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Ends all sockets first: a key that changes after it was written would be lost. */
const save = async (folder: string): Promise<void> => {
  for (const { socket } of lines.values()) await socket.end(undefined);
  // What they are still decrypting.
  await pause(500);
  for (const [number, { auth }] of lines) auth.save(folder, number);
};

const send = async ({
  number,
  to,
  count,
  inFlight,
}: {
  number: string;
  to: string;
  count: number;
  inFlight: number;
}) => {
  const socket = lines.get(number)?.socket;
  const jid = to.includes('@') ? to : `${to}@s.whatsapp.net`;
  let sent = 0;
  const worker = async (): Promise<void> => {
    while (sent++ < count) await socket?.sendMessage(jid, { text: `bench ${sent}` });
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: inFlight }, worker));
  return { ms: performance.now() - began };
};

serve({
  configure: async (input: Places) => {
    places = input;
    return { webSocket: input.webhook === null ? await listen() : '' };
  },
  heap: () => heapUsed(),
  link: ({ numbers, atOnce }: { numbers: string[]; atOnce: number }) => eachOf(numbers, atOnce, linkOne),
  resume: ({ numbers, atOnce, folder, limitMs }: Resume) =>
    eachOf(numbers, atOnce, (number) => connect(number, BareAuth.load(folder, number)), limitMs),
  greet: ({ numbers, to }: { numbers: string[]; to: string }) =>
    eachOf(numbers, 4, (number) => send({ number, to, count: 1, inFlight: 1 })),
  send,
  save: ({ folder }: { folder: string }) => save(folder),
});
