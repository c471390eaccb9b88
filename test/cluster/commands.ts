import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import type { ClusterProcess, ClusterWorld } from './cluster-world.ts';

const kinds = ['create', 'start', 'stop', 'update', 'logout', 'delete'] as const;
type Command = (typeof kinds)[number];

/** What the last command that was answered left. */
interface Model {
  running: boolean;
  version: number;
}

export interface CommandOptions {
  /** How many commands each session gets. */
  readonly commands: number;
  readonly names: readonly string[];
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** How often a process dies meanwhile. */
  readonly deaths: number;
  /** No session may have had two connections: for a machine with processor time to spare. */
  readonly strict?: boolean;
  log?(line: string): void;
}

/** What is not as the model has it; empty is what one wants. */
export type Difference = string;

/**
 * Sends commands to processes at random while some of them die, and compares with a model: the last command that was answered holds at
 * every process, nothing is left of what is gone, and no session has two owners or two connections. A command whose answer was lost is
 * sent again, as a client would.
 */
export class RandomCommands {
  readonly #world: ClusterWorld;
  readonly #options: CommandOptions;
  readonly #models = new Map<string, Model>();
  #version = 0;

  constructor(world: ClusterWorld, options: CommandOptions) {
    this.#world = world;
    this.#options = options;
  }

  async run(): Promise<void> {
    const { names, commands, deaths } = this.#options;
    this.#world.outside.sandbox.resetMostSockets();
    const talking = names.map(async (name) => {
      for (let count = 0; count < commands; count++) await this.#send(name);
    });
    const dying = (async () => {
      for (let count = 0; count < deaths; count++) {
        await pause(this.#options.random() * 1_000);
        await this.#world.kill(this.#any());
        await this.#world.join();
      }
    })();
    await Promise.all([...talking, dying]);
  }

  /** Waits until all is as the model has it; says what is not when that takes too long. `others`: sessions that are not ours. */
  async differences(others: readonly string[], patience = 30_000): Promise<Difference[]> {
    const since = performance.now();
    for (;;) {
      const found = [...(await this.#shown()), ...(await this.#stored(others))];
      if (found.length === 0 || performance.now() - since > patience) return found;
      await pause(100);
    }
  }

  async #send(name: string): Promise<void> {
    const { random } = this.#options;
    const kind = kinds[Math.floor(random() * kinds.length)] ?? 'create';
    const version = ++this.#version;
    const model = this.#models.get(name);
    const status = await this.#ask(kind, name, version);
    this.#options.log?.(`${name} ${kind} ${version}: ${status}`);
    const expected = model === undefined ? ({ create: 201, delete: 200 }[kind as string] ?? 404) : statuses[kind];
    // Sent again after an answer that was lost, it may find that it was done.
    if (status !== expected && !(kind === 'create' && status === 422)) {
      throw new Error(`${kind} of '${name}' was answered with ${status}, not ${expected}`);
    }
    this.#note(kind, name, version, status);
  }

  #note(kind: Command, name: string, version: number, status: number): void {
    const model = this.#models.get(name);
    if (kind === 'delete') this.#models.delete(name);
    if (kind === 'create' && !model && status < 500) this.#models.set(name, { running: true, version });
    if (!model) return;
    if (kind === 'start') model.running = true;
    if (kind === 'stop') model.running = false;
    if (kind === 'update') model.version = version;
  }

  /** Until there is an answer that is one. */
  async #ask(kind: Command, name: string, version: number): Promise<number> {
    for (let tries = 0; tries < 600; tries++) {
      const { api } = this.#any();
      const config = { metadata: { version: String(version) } };
      const path = `/api/sessions/${name}`;
      const request = {
        create: () => api.post('/api/sessions', { name, config }),
        start: () => api.post(`${path}/start`),
        stop: () => api.post(`${path}/stop`),
        logout: () => api.post(`${path}/logout`),
        update: () => api.put(path, { config }),
        delete: () => api.delete(path),
      }[kind];
      const status = await request().then(
        (answer) => answer.status,
        () => 0,
      );
      if (status !== 0 && status !== 503 && status !== 429) return status;
      await pause(100);
    }
    throw new Error(`${kind} of '${name}' was never answered`);
  }

  /** What every process says. */
  async #shown(): Promise<Difference[]> {
    const found: Difference[] = [];
    for (const { name: process, api } of this.#world.processes) {
      for (const name of this.#options.names) {
        const { status, body } = await api.get(`/api/sessions/${name}`).catch(() => ({ status: 0, body: {} }));
        const model = this.#models.get(name);
        const seen =
          status === 200
            ? `${body.status === 'STOPPED' ? 'stopped' : 'running'} ${body.config?.metadata?.version}`
            : `${status}`;
        const wanted = model ? `${model.running ? 'running' : 'stopped'} ${model.version}` : '404';
        if (seen !== wanted) found.push(`${name} at ${process}: ${seen}, not ${wanted}`);
      }
    }
    const { sockets, mostSocketsPerSession } = this.#world.outside.sandbox.stats();
    // A process that gets no processor for seconds is taken for dead while it lives.
    if (this.#options.strict && mostSocketsPerSession > 1)
      found.push(`a session had ${mostSocketsPerSession} connections`);
    const running = [...this.#models.values()].filter((model) => model.running).length;
    if (sockets < running) found.push(`${sockets} connections of ${running} sessions`);
    return found;
  }

  /** What the tables hold: one row for each session that is, of a process that lives; none for those that are gone. */
  async #stored(others: readonly string[]): Promise<Difference[]> {
    const client = new Client({ connectionString: this.#world.server.url });
    await client.connect();
    try {
      const wanted = [...this.#models.keys(), ...others].sort().join();
      const namesIn = async (query: string) =>
        (await client.query(query)).rows
          .map(({ name }) => String(name))
          .sort()
          .join();
      const tables = {
        sessions: await namesIn('SELECT name FROM waha.sessions'),
        placements: await namesIn(
          'SELECT p.name FROM waha.placements p JOIN waha.cluster_nodes n ON n.id = p.owner WHERE n.beat >= 0',
        ),
        session_views: await namesIn('SELECT session AS name FROM waha.session_views WHERE info IS NOT NULL'),
      };
      const wrong = Object.entries(tables).filter(([, names]) => names !== wanted);
      return wrong.map(([table, names]) => `${table}: ${names}; not ${wanted}`);
    } finally {
      await client.end();
    }
  }

  #any(): ClusterProcess {
    const { processes } = this.#world;
    return processes[Math.floor(this.#options.random() * processes.length)] ?? this.#world.any;
  }
}

const statuses: Readonly<Record<Command, number>> = {
  ...{ create: 422, start: 201, stop: 201, update: 200, logout: 201, delete: 200 },
};
