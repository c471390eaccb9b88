import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';

const installed = '/usr/lib/postgresql';

/** The folder with `initdb` and `postgres`: of `POSTGRES_BIN`, or of Debian's newest package. */
const folder = (): string | undefined => {
  const versions = existsSync(installed) ? readdirSync(installed).sort((a, b) => Number(b) - Number(a)) : [];
  const places = [process.env['POSTGRES_BIN'] ?? '', ...versions.map((version) => join(installed, version, 'bin'))];
  return places.find((place) => existsSync(join(place, 'initdb')));
};
const programs = folder();

/** Whether there is a server to start: `apt-get install postgresql`. */
export const hasPostgres = programs !== undefined;
if (!hasPostgres) console.warn('SKIPPED: tests with a real PostgreSQL; `apt-get install postgresql` to run them');

/** PostgreSQL does not run as root: then as its own user, or as nobody. */
const owner = (): { readonly uid?: number; readonly gid?: number } => {
  if (process.getuid?.() !== 0) return {};
  const idOf = (option: string): number =>
    Number(spawnSync('id', [option, 'postgres'], { encoding: 'utf8' }).stdout || 65534);
  return { uid: idOf('-u'), gid: idOf('-g') };
};

/** A real server with an empty database, on a port of its own; it can be killed and started again on the same data. */
export class PostgresServer {
  readonly port: number;
  /** Where its data are; it belongs to the user that it runs as. */
  readonly folder: string;
  readonly #owner = owner();
  #child: ChildProcess | null = null;

  private constructor(port: number) {
    this.port = port;
    this.folder = mkdtempSync(join(tmpdir(), 'waha-postgres-'));
    chmodSync(this.folder, 0o700);
    const { uid, gid } = this.#owner;
    if (uid !== undefined && gid !== undefined) chownSync(this.folder, uid, gid);
  }

  static async start(settings: readonly string[] = []): Promise<PostgresServer> {
    const server = new PostgresServer(await freePort());
    const args = ['-D', join(server.folder, 'data'), '-U', 'waha', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'];
    execFileSync(join(programs ?? '', 'initdb'), args, { ...server.#owner, cwd: server.folder, stdio: 'pipe' });
    await server.start(settings);
    return server;
  }

  get url(): string {
    return `postgres://waha@127.0.0.1:${this.port}/postgres`;
  }

  async start(settings: readonly string[] = []): Promise<void> {
    const more = ['fsync=off', 'log_min_messages=log', ...settings].flatMap((setting) => ['-c', setting]);
    const args = [
      '-D',
      join(this.folder, 'data'),
      '-k',
      this.folder,
      '-h',
      '127.0.0.1',
      '-p',
      String(this.port),
      ...more,
    ];
    const child = spawn(join(programs ?? '', 'postgres'), args, {
      ...this.#owner,
      cwd: this.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    let output = '';
    await new Promise<void>((resolve, reject) => {
      child.stderr?.on('data', (chunk: Buffer) => {
        if (output.length < 100_000) output += chunk;
        if (String(chunk).includes('ready to accept connections')) resolve();
      });
      child.once('exit', () => reject(new Error(`postgres ended:\n${output}`)));
    });
  }

  /** Ends it; `SIGQUIT` at once, without a word to anybody: what was not committed is lost. */
  async stop(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  async close(): Promise<void> {
    await this.stop('SIGQUIT');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
