import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { type Running, runWaha } from '../core/cli/run-waha.ts';
import { root } from '../support/built-package.ts';
import { png } from '../support/conversation.ts';
import { apiKey, temporaryFolder } from '../support/deployment.ts';
import { LastingApi } from './lasting-api.ts';
import { LoopBlocks } from './loop-blocks.ts';

const watch = fileURLToPath(new URL('loop-watch.mjs', import.meta.url));

interface Yaml {
  readonly plugins: readonly { readonly use: string; config?: object }[];
}

/** The sandbox deployment in a process of its own, and a server beside it that has a picture and takes webhooks. */
export class Target {
  readonly #folder = temporaryFolder();
  readonly #file = join(this.#folder.path, 'waha.config.yaml');
  readonly #blocksFile = join(this.#folder.path, 'loop-blocks');
  readonly #outside: Server;
  /** How long the event loop of the process was at work without a pause. */
  readonly blocks = new LoopBlocks(this.#blocksFile);
  #running: Running | null = null;
  #url = '';

  private constructor(outside: Server) {
    this.#outside = outside;
  }

  static async start(): Promise<Target> {
    const picture = Buffer.from(png, 'base64');
    const outside = createServer((request, response) => {
      request.resume();
      if (request.method === 'POST') return void response.end();
      response.writeHead(200, { 'content-type': 'image/png' }).end(picture);
    });
    await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
    const target = new Target(outside);
    target.#write();
    await target.boot();
    return target;
  }

  get url(): string {
    return this.#url;
  }

  get api(): LastingApi {
    return new LastingApi(this.#url, (ms) => this.endsWithin(ms));
  }

  /** Where a picture is, and where webhooks may go. */
  get outside(): string {
    return `http://127.0.0.1:${(this.#outside.address() as AddressInfo).port}/a.png`;
  }

  get hasEnded(): boolean {
    const { exitCode, signalCode } = this.#running?.child ?? { exitCode: 0, signalCode: null };
    return exitCode !== null || signalCode !== null;
  }

  async endsWithin(ms: number): Promise<boolean> {
    if (this.hasEnded) return true;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), ms);
    });
    const ended = this.#running?.finished.then(() => true) ?? true;
    return Promise.race([ended, late]).finally(() => clearTimeout(timer));
  }

  /** Starts the process, on what one before left. */
  async boot(): Promise<void> {
    if (!this.hasEnded) this.#running?.child.kill('SIGKILL');
    await this.#running?.finished;
    const env = {
      WHATSAPP_API_PORT: '0',
      WAHA_API_KEY: apiKey,
      WAHA_LOCAL_STORE_BASE_DIR: this.#folder.path,
      NODE_OPTIONS: `--import=${watch}`,
      LOOP_WATCH_FILE: this.#blocksFile,
    };
    this.#running = runWaha(['start', '--config', this.#file], this.#folder.path, env);
    const [, url = ''] = await this.#running.line(/is ready on (http:[^"\s]+)/);
    this.#url = url;
  }

  /** The memory (MB) that the process has by now; 0 where the system does not tell. */
  get memoryMb(): number {
    try {
      const pages = readFileSync(`/proc/${this.#running?.child.pid}/statm`, 'utf8').split(' ')[1];
      return Math.round((Number(pages) * 4_096) / 1e6);
    } catch {
      return 0;
    }
  }

  /** The last lines that it wrote. */
  async lastWords(): Promise<string> {
    const { stdout = '', stderr = '', code } = (await this.#running?.finished) ?? {};
    const end = code === null ? `ended by ${this.#running?.child.signalCode}` : `exit ${code}`;
    return `${end}: ${(stdout + stderr).slice(-1_500)}`;
  }

  async close(): Promise<void> {
    this.#running?.child.kill('SIGKILL');
    await this.#running?.finished;
    this.#outside.closeAllConnections();
    this.#outside.close();
    this.#folder.remove();
  }

  /** The ready deployment, where agents may do all that keys may but what ends it. JSON is YAML. */
  #write(): void {
    const yaml = parse(readFileSync(join(root, 'configs/sandbox.yaml'), 'utf8')) as Yaml;
    const more = { log: { level: 'info', format: 'json' }, worker: { startJitter: 0 } };
    const rights = ['read', 'send', 'control', 'setting', 'app', 'delete'];
    const plugins = yaml.plugins.map((plugin) => (plugin.use === 'mcp' ? { ...plugin, config: { rights } } : plugin));
    writeFileSync(this.#file, JSON.stringify({ ...yaml, ...more, plugins }));
  }
}
