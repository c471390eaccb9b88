import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Package } from '../package.ts';
import { call, eachOf, pause } from './http.ts';
import { NodeProcess } from './process.ts';
import { contactNumber, type Sandbox } from './sandbox.ts';

export interface WahaOptions {
  /** Its data; created when it is not there. */
  readonly folder: string;
  readonly sandbox: Sandbox;
  readonly webhook?: string;
  /** More endpoints. */
  readonly webhooks?: readonly string[];
  /** Plugins by path. */
  readonly plugins?: readonly string[];
  /** The database of the event log and its deliveries; SQLite when absent. */
  readonly outbox?: string;
  /** How many sessions may be connecting at boot. */
  readonly atOnce: number;
  /** Flags of Node itself, such as `--cpu-prof`. */
  readonly flags?: readonly string[];
}

const key = 'bench';
/** How long a session may take to be linked, and all of them to come back. */
const linkMs = 120_000;
const comeBackMs = 600_000;

/** The runtime under test: every plugin of the default deployment, real databases, as its own process. */
export class Waha {
  readonly process: NodeProcess;
  readonly url: string;
  readonly numbers: string[] = [];

  private constructor(process: NodeProcess, url: string) {
    this.process = process;
    this.url = url;
  }

  static async start(built: Package, options: WahaOptions): Promise<Waha> {
    mkdirSync(options.folder, { recursive: true });
    const config = join(options.folder, 'waha.yaml');
    writeFileSync(config, stringify(configOf(options)));
    const flags = options.flags ?? [];
    const process = new NodeProcess(built.command, ['start', '--config', config], { cwd: options.folder, flags });
    const [, url = ''] = await process.line(/is ready on (http:\/\/[^\s"]+)/);
    return new Waha(process, url);
  }

  /** Where messages come over a WebSocket. */
  get webSocket(): string {
    return `${this.url.replace('http', 'ws')}/ws?session=*&events=message&x-api-key=${key}`;
  }

  get headers(): Readonly<Record<string, string>> {
    return { 'x-api-key': key, 'content-type': 'application/json' };
  }

  /** Links new sessions, and lets each answer its contact once; resolves with how many were linked a second. */
  async link(sandbox: Sandbox, numbers: readonly string[], atOnce: number): Promise<number> {
    const began = performance.now();
    await eachOf(numbers, atOnce, (number) => this.create(sandbox, number));
    const seconds = (performance.now() - began) / 1000;
    this.numbers.push(...numbers);
    await eachOf(numbers, 4, (number) => this.send(number, 'hello'));
    return numbers.length / seconds;
  }

  send(number: string, text: string): Promise<unknown> {
    return this.post('/api/sendText', { session: number, chatId: `${contactNumber}@c.us`, text });
  }

  /** Waits until so many sessions are WORKING. */
  async working(count: number): Promise<void> {
    const until = performance.now() + comeBackMs;
    let working = 0;
    while (performance.now() < until) {
      const sessions = await this.get<{ status: string }[]>('/api/sessions');
      working = sessions.filter(({ status }) => status === 'WORKING').length;
      if (working >= count) return;
      await pause(100);
    }
    throw new Error(`${working} of ${count} sessions are WORKING after ${comeBackMs / 1000} s`);
  }

  get<T>(path: string): Promise<T> {
    return call('GET', this.url + path, undefined, key);
  }

  post<T>(path: string, body: object): Promise<T> {
    return call('POST', this.url + path, body, key);
  }

  stop(): Promise<void> {
    return this.process.stop();
  }

  /** Creates a session, and links it to the phone of the same name. */
  async create(sandbox: Sandbox, number: string, config: object = {}): Promise<void> {
    await this.#add(number, config);
    const { value } = await this.get<{ value: string }>(`/api/${number}/auth/qr?format=raw`);
    await sandbox.scan(number, value);
    const until = performance.now() + linkMs;
    let now = '';
    while (performance.now() < until) {
      const { status } = await this.get<{ status: string }>(`/api/sessions/${number}`);
      if (status === 'WORKING') return;
      now = status;
      await pause(20);
    }
    throw new Error(`session ${number} is ${now}, ${linkMs / 1000} s after its scan`);
  }

  /** A disk that others keep busy refuses some of a thousand sessions for a while. */
  async #add(name: string, config: object): Promise<void> {
    for (let left = 5; ; left--) {
      try {
        await this.post('/api/sessions', { name, config });
        return;
      } catch (error) {
        if (left === 0 || !String(error).includes('was answered with 503')) throw error;
        await pause(1_000);
      }
    }
  }
}

const webhookTo = (url: string): object => ({ url, events: ['message'], hmac: { key: 'secret' } });

const configOf = (options: WahaOptions): object => ({
  worker: { startConcurrency: options.atOnce, startJitter: 0 },
  plugins: [
    { use: 'express', config: { host: '127.0.0.1', port: 0, apiKey: key } },
    { use: 'waha-api' },
    { use: 'keys', config: { file: join(options.folder, 'keys.secret') } },
    { use: 'lowdb', config: { folder: options.folder } },
    { use: 'sqlite', config: { folder: options.folder } },
    { use: 'sandbox', config: { connect: options.sandbox.url } },
    { use: 'baileys' },
    {
      use: 'webhook',
      config: {
        ...(options.webhook === undefined ? {} : webhookTo(options.webhook)),
        webhooks: (options.webhooks ?? []).map(webhookTo),
      },
    },
    { use: 'websocket' },
    ...(options.plugins ?? []).map((use) => ({ use })),
  ],
  stores: { sessions: 'lowdb', auth: 'sqlite', messages: 'sqlite', outbox: options.outbox ?? 'sqlite' },
  network: { allow: { cidrs: ['127.0.0.0/8'] } },
});
