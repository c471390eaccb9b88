import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { RuntimeEvent } from '../../core/index.ts';
import { type Running, runWaha } from '../core/cli/run-waha.ts';
import { Api } from '../support/api.ts';
import { apiKey } from '../support/deployment.ts';
import { PostgresServer } from '../support/postgres.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { type Surroundings, surroundings } from '../support/world.ts';

/** One process of the cluster. */
export interface ClusterProcess {
  readonly name: string;
  readonly running: Running;
  readonly api: Api;
  /** Its way to the database. */
  readonly database: TcpProxy;
}

/** Where what each process said is kept, for whoever looks for the cause of a fault. */
const logs = process.env['WAHA_CLUSTER_LOGS'];

/** Several processes on one real PostgreSQL. WhatsApp and the receiver of webhooks are here, and outlive all of them. */
export class ClusterWorld {
  readonly outside: Surroundings;
  readonly server: PostgresServer;
  readonly #timing: object;
  readonly processes: ClusterProcess[] = [];
  readonly #proxies: TcpProxy[] = [];
  #count = 0;

  private constructor(outside: Surroundings, server: PostgresServer, timing: object) {
    this.outside = outside;
    this.server = server;
    this.#timing = timing;
  }

  /** `timing`: of the cluster's plugin. */
  static async start(size: number, timing: object = { beat: 500, deadAfter: 3_000 }): Promise<ClusterWorld> {
    const world = new ClusterWorld(await surroundings(), await PostgresServer.start(), timing);
    try {
      await Promise.all(Array.from({ length: size }, () => world.join()));
      return world;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  /** Starts one more process and waits until it is ready. `flags`: of `waha start`. */
  async join(...flags: string[]): Promise<ClusterProcess> {
    const name = `node${++this.#count}`;
    const file = join(this.outside.folder, `${name}.yaml`);
    const database = await TcpProxy.start(this.server.port);
    this.#proxies.push(database);
    writeFileSync(file, JSON.stringify(this.#yaml(name, database.port)));
    const running = runWaha(['start', '--config', file, ...flags], this.outside.folder);
    if (logs) void running.finished.then(({ stdout }) => writeFileSync(join(logs, `${name}.log`), stdout));
    const [, url = ''] = await running.line(/is ready on (http:[^"\s]+)/);
    const process = { name, running, api: new Api(url), database };
    this.processes.push(process);
    return process;
  }

  /** Ends one without a word. */
  async kill(process: ClusterProcess): Promise<void> {
    this.#forget(process);
    process.running.child.kill('SIGKILL');
    await process.running.finished;
  }

  /** Keeps what WhatsApp saw beside what the processes said. */
  trace(): void {
    if (!logs) return;
    const file = join(logs, 'whatsapp.log');
    for (const name of ['login', 'replaced', 'closed', 'retry', 'settled', 'outbound', 'retry-asked'] as const) {
      const note = (event: object) => appendFileSync(file, `${JSON.stringify({ time: Date.now(), name, ...event })}\n`);
      this.outside.sandbox.on(name, note);
    }
  }

  /** Asks one to end, and waits until it is gone. */
  async terminate(process: ClusterProcess): Promise<void> {
    this.#forget(process);
    process.running.child.kill('SIGTERM');
    await process.running.finished;
  }

  /** How many sessions each process has, as one of them says. */
  async shares(): Promise<number[]> {
    const { body } = await this.any.api.get('/api/cluster');
    return body.nodes.map(({ sessions }: { sessions: number }) => sessions);
  }

  /** The process that has a session, which its row says at any of them. */
  async ownerOf(session: string, asked = this.any): Promise<ClusterProcess> {
    const { body } = await asked.api.get(`/api/sessions/${session}`);
    const owner = this.processes.find(({ name }) => name === body.assignedWorker);
    if (!owner) throw new Error(`no process that runs has session '${session}': ${JSON.stringify(body)}`);
    return owner;
  }

  get any(): ClusterProcess {
    const process = this.processes[0];
    if (!process) throw new Error('no process is left');
    return process;
  }

  /** Asks again until the answer is so; the test's own time is the limit. */
  async until<T>(ask: () => Promise<T>, done: (answer: T) => boolean): Promise<T> {
    for (;;) {
      const answer = await ask();
      if (done(answer)) return answer;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Listens at one process to the events of all; `since`: from that cursor on. The list grows as they come. */
  async listen({ api }: ClusterProcess, since?: number): Promise<{ cursor: number; id: string }[]> {
    const events: { cursor: number; id: string }[] = [];
    const query = since === undefined ? '' : `&since=${since}`;
    const socket = new WebSocket(`${api.url.replace('http', 'ws')}/ws?session=*&events=*&x-api-key=${apiKey}${query}`);
    socket.onmessage = ({ data }) => {
      const { id, cursor } = JSON.parse(String(data));
      if (id !== undefined) events.push({ id, cursor });
    };
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    return events;
  }

  /** What the receiver got, each event once, by session. */
  events(session: string): RuntimeEvent[] {
    const all = this.outside.hooks.all.filter(({ event, again }) => !again && event.session === session);
    return all.map(({ event }) => event);
  }

  async close(): Promise<void> {
    for (const process of [...this.processes]) await this.kill(process);
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
    await this.server.close();
    await this.outside.close();
  }

  #forget(process: ClusterProcess): void {
    this.processes.splice(this.processes.indexOf(process), 1);
  }

  #yaml(name: string, port: number): object {
    const { yaml } = this.outside;
    const others = yaml.plugins.filter(({ use }) => use !== 'lowdb' && use !== 'sqlite');
    const storage = [
      { use: 'postgres', config: { url: this.server.url.replace(String(this.server.port), String(port)) } },
      { use: 'cluster', config: this.#timing },
    ];
    const all = 'postgres';
    return {
      ...yaml,
      log: { level: 'info', format: 'json' },
      plugins: [
        ...storage,
        ...others,
        { use: 'websocket' },
        { use: 'keys', config: { secrets: 'hashed' } },
        { use: 'apps' },
        { use: 'mcp', config: { rights: ['read', 'send'] } },
        { use: 'metrics' },
        { use: 'pacing', config: { known: null, new: null } },
      ],
      stores: { sessions: all, auth: all, messages: all, outbox: all },
      worker: { ...yaml.worker, id: name },
    };
  }
}
