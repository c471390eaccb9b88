import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Running, runWaha } from '../core/cli/run-waha.ts';
import { Api } from '../support/api.ts';
import { root } from '../support/built-package.ts';
import { png } from '../support/conversation.ts';
import { apiKey, temporaryFolder } from '../support/deployment.ts';

interface Yaml {
  readonly plugins: readonly { readonly use: string; config?: object }[];
}

/** The sandbox deployment in a process of its own, and a server beside it that has a picture and takes webhooks. */
export class Target {
  readonly #folder = temporaryFolder();
  readonly #file = join(this.#folder.path, 'waha.config.yaml');
  readonly #outside: Server;
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

  get api(): Api {
    return new Api(this.#url);
  }

  /** Where a picture is, and where webhooks may go. */
  get outside(): string {
    return `http://127.0.0.1:${(this.#outside.address() as AddressInfo).port}/a.png`;
  }

  get hasEnded(): boolean {
    return this.#running?.child.exitCode !== null || this.#running.child.signalCode !== null;
  }

  async boot(): Promise<void> {
    const env = { WHATSAPP_API_PORT: '0', WAHA_API_KEY: apiKey, WAHA_LOCAL_STORE_BASE_DIR: this.#folder.path };
    this.#running = runWaha(['start', '--config', this.#file], this.#folder.path, env);
    const [, url = ''] = await this.#running.line(/is ready on (http:[^"\s]+)/);
    this.#url = url;
  }

  /** CPU time (ms) that the process has taken so far; infinite where the system does not tell. */
  get cpuMs(): number {
    try {
      const fields = readFileSync(`/proc/${this.#running?.child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      // The 14th and 15th field of the whole line, in ticks of 10 ms.
      return (Number(fields[11]) + Number(fields[12])) * 10;
    } catch {
      return Number.POSITIVE_INFINITY;
    }
  }

  /** The last lines that it wrote. */
  async lastWords(): Promise<string> {
    const { stdout = '', stderr = '', code } = (await this.#running?.finished) ?? {};
    return `exit ${code}: ${(stdout + stderr).slice(-1_500)}`;
  }

  async close(): Promise<void> {
    this.#running?.child.kill('SIGKILL');
    await this.#running?.finished;
    this.#outside.closeAllConnections();
    this.#outside.close();
    this.#folder.remove();
  }

  /** The ready deployment without its page, which has to be built. JSON is YAML. */
  #write(): void {
    const yaml = parse(readFileSync(join(root, 'configs/sandbox.yaml'), 'utf8')) as Yaml;
    const more = { log: { level: 'info', format: 'json' }, worker: { startJitter: 0 } };
    const plugins = yaml.plugins.filter(({ use }) => use !== 'dashboard');
    writeFileSync(this.#file, JSON.stringify({ ...yaml, ...more, plugins }));
  }
}
