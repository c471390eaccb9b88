import type { AddressInfo } from 'node:net';
import { makeWASocket, type WAMessage, type WASocket } from '@whiskeysockets/baileys';
import got from 'got';
import { pino } from 'pino';
import { WebSocketServer } from 'ws';
import { BareAuth } from './bare-auth.ts';
import { heapUsed } from './heap.ts';
import { serve } from './serve.ts';

/** Bare Baileys: sockets as its README makes them, and a bare POST with got for every message. */
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

// libsignal prints sessions, private keys included, and printing costs.
for (const level of ['info', 'warn', 'error'] as const) console[level] = () => undefined;

const logger = pino({ level: 'silent' }) as never;
const lines = new Map<string, Line>();
let places: Places = { whatsApp: '', control: '', webhook: null };
let server: WebSocketServer | undefined;

const hand = (message: WAMessage): void => {
  if (places.webhook !== null) return void got.post(places.webhook, { json: message });
  const frame = JSON.stringify({ id: message.key.id, payload: message });
  for (const client of server?.clients ?? []) client.send(frame);
};

const listen = (): Promise<string> =>
  new Promise((resolve) => {
    const opened = new WebSocketServer({ host: '127.0.0.1', port: 0 }, () => {
      resolve(`ws://127.0.0.1:${(opened.address() as AddressInfo).port}`);
    });
    server = opened;
  });

const open = (number: string, auth: BareAuth): Line => {
  const socket = makeWASocket({ auth, logger, waWebSocketUrl: places.whatsApp });
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

const connected = (socket: WASocket) => until(socket, ({ connection }) => (connection === 'open' ? true : undefined));

const linkOne = async (number: string): Promise<void> => {
  const { socket, auth } = open(number, new BareAuth());
  const closed = until(socket, ({ connection }) => (connection === 'close' ? true : undefined));
  const qr = await until(socket, (update) => update.qr);
  await got.post(`${places.control}/api/sandbox/phones/${number}/scan`, { json: { qr } });
  await closed;
  await connected(open(number, auth).socket);
};

const eachOf = async (numbers: readonly string[], atOnce: number, work: (number: string) => Promise<unknown>) => {
  const rest = [...numbers];
  const worker = async (): Promise<void> => {
    for (let number = rest.shift(); number; number = rest.shift()) await work(number);
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { ms: performance.now() - began };
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
  let sent = 0;
  const worker = async (): Promise<void> => {
    while (sent++ < count) await socket?.sendMessage(`${to}@s.whatsapp.net`, { text: `bench ${sent}` });
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
  resume: ({ numbers, atOnce, folder }: { numbers: string[]; atOnce: number; folder: string }) =>
    eachOf(numbers, atOnce, (number) => connected(open(number, BareAuth.load(folder, number)).socket)),
  greet: ({ numbers, to }: { numbers: string[]; to: string }) =>
    eachOf(numbers, 4, (number) => send({ number, to, count: 1, inFlight: 1 })),
  send,
  save: ({ folder }: { folder: string }) => {
    for (const [number, { auth }] of lines) auth.save(folder, number);
  },
});
