import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { configFrom } from '../../core/config/load.ts';
import { isRuntimeError, sentence } from '../../core/errors.ts';
import { startRuntime } from '../../core/runtime.ts';
import { builtins } from '../../plugins/index.ts';
import { deployment } from '../support/deployment.ts';
import { recordingLog } from '../support/log.ts';
import { ProcessWorld } from '../support/process-world.ts';
import type { Surroundings } from '../support/world.ts';

export const damages = ['removed', 'emptied', 'truncated', 'flipped', 'zeroed'] as const;
export type Damage = (typeof damages)[number];

/** What became of one start on damaged data. */
export interface Start {
  /** `clean` stop or `killed` before; the files that were damaged, and how. */
  readonly what: string;
  /** `whole`: the linked session works. `told`: it says that its credentials are no good. `refused`: a sentence that names the place. */
  readonly outcome: 'whole' | 'told' | 'refused' | 'wrong';
  readonly said: string;
}

/** One file of the data folder, or a file with its copy, damaged. */
export interface Trial {
  readonly before: 'clean' | 'killed';
  readonly files: readonly string[];
  readonly damage: Damage;
  /** Where in the file, from 0 to 1. */
  readonly at: number;
}

const phone = '4915200009001';
/** A session that is linked and shall run, and one that was never linked and is stopped. */
const [linked, resting] = ['linked', 'resting'];
/** What the resting one was made with, and has still. */
const written = { metadata: { note: 'what somebody wrote', number: '0123456789' } };

/** The data of a deployment with a linked session: as a clean stop leaves them, and as a `kill -9` does. */
export class DataFolders {
  readonly #outside: Surroundings;
  readonly #folder = mkdtempSync(join(tmpdir(), 'waha-corrupt-'));
  readonly #close: () => Promise<void>;

  private constructor(world: ProcessWorld) {
    this.#outside = world.outside;
    this.#close = () => world.outside.close();
  }

  static async make(): Promise<DataFolders> {
    const world = await ProcessWorld.start();
    const folders = new DataFolders(world);
    const { sandbox, hooks } = world.outside;
    await world.api.post('/api/sessions', { name: resting, start: false, config: written });
    await world.api.post('/api/sessions', { name: linked });
    const { body } = await world.api.get(`/api/${linked}/auth/qr?format=raw`);
    await sandbox.phone(phone).scan(body.value);
    await hooks.status(linked, 'WORKING');
    await sandbox.contact('4915200009002').send(phone, 'a message');
    await hooks.next('message', ({ session }) => session === linked);
    await world.kill();
    folders.#keep('killed');
    await world.boot();
    await hooks.status(linked, 'WORKING', hooks.all.length - 1);
    await world.terminate();
    folders.#keep('clean');
    return folders;
  }

  /** The files that a runtime of this deployment keeps. */
  files(before: Trial['before']): string[] {
    const files = readdirSync(join(this.#folder, before), { recursive: true, withFileTypes: true });
    return files.filter((entry) => entry.isFile() && !entry.name.endsWith('.yaml')).map(({ name }) => name);
  }

  /** Starts a runtime on a copy of the data with this damage, and says what it did. */
  async try(trial: Trial, acceptDataLoss = false): Promise<Start> {
    const copy = mkdtempSync(join(tmpdir(), 'waha-corrupt-'));
    try {
      cpSync(join(this.#folder, trial.before), copy, { recursive: true });
      for (const file of trial.files) damageFile(join(copy, file), trial);
      const what = `${trial.before}: ${trial.files.join(' and ')} ${trial.damage} at ${trial.at.toFixed(4)}`;
      return { what, ...(await this.#start(copy, acceptDataLoss)) };
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  }

  async close(): Promise<void> {
    rmSync(this.#folder, { recursive: true, force: true });
    await this.#close();
  }

  #keep(before: Trial['before']): void {
    cpSync(this.#outside.folder, join(this.#folder, before), { recursive: true });
  }

  async #start(folder: string, acceptDataLoss: boolean): Promise<Omit<Start, 'what'>> {
    const { sandbox, hooks } = this.#outside;
    const yaml = deployment(folder, { whatsApp: sandbox.endpoint.url, webhook: hooks.url });
    const plugins = yaml.plugins.filter(({ use }) => use !== 'express' && use !== 'waha-api');
    const log = recordingLog();
    const options = { config: configFrom({ ...yaml, plugins }), builtins, log, acceptDataLoss };
    try {
      const runtime = await startRuntime(options);
      const found = await statusOf(runtime).finally(() => runtime.stop());
      const warned = log.lines.filter(({ level }) => level === 'warn' || level === 'error');
      return { ...found, said: [found.said, ...warned.map(({ message }) => message)].join('; ') };
    } catch (error) {
      const said = sentence(error);
      const names = said.includes(folder) && !said.includes('\n') && isRuntimeError(error);
      return { outcome: names ? 'refused' : 'wrong', said };
    }
  }
}

/** Whether the sessions are there, and the linked one still has its account or says why not. */
const statusOf = async ({ sessions }: Awaited<ReturnType<typeof startRuntime>>): Promise<Omit<Start, 'what'>> => {
  const missing = [linked, resting].filter((name) => !sessions.has(name));
  if (missing.length > 0) return { outcome: 'wrong', said: `${missing.join(' and ')} are gone without a word` };
  const { config } = sessions.get(resting);
  if (JSON.stringify(config) !== JSON.stringify(written))
    return { outcome: 'wrong', said: `${resting} has another config: ${JSON.stringify(config)}` };
  const isUnderWay = () => ['STOPPED', 'STARTING'].includes(sessions.get(linked).status);
  for (let waits = 0; isUnderWay() && waits < 200; waits++) await setTimeout(50);
  const { status, reason } = sessions.get(linked);
  const said = `${status} ${reason ?? ''}`;
  if (status === 'WORKING') return { outcome: 'whole', said };
  return { outcome: reason !== null && status !== 'SCAN_QR_CODE' ? 'told' : 'wrong', said };
};

const damageFile = (path: string, { damage, at }: Trial): void => {
  if (!existsSync(path)) return;
  const content = readFileSync(path);
  const place = Math.min(Math.floor(content.length * at), Math.max(content.length - 1, 0));
  if (damage === 'removed') rmSync(path);
  else if (damage === 'emptied') truncateSync(path, 0);
  else if (damage === 'truncated') truncateSync(path, place);
  else if (content.length === 0) writeFileSync(path, 'what nobody wrote');
  else if (damage === 'flipped') writeFileSync(path, content.fill((content[place] ?? 0) ^ 0xff, place, place + 1));
  else writeFileSync(path, content.fill(0, place, Math.min(place + 4096, content.length)));
};

/** So many trials over every file, every damage, and files together with their copies, drawn from a seed. */
export const trialsOf = (folders: Pick<DataFolders, 'files'>, count: number, seed: number): Trial[] => {
  const random = randomFrom(seed);
  const every = (['clean', 'killed'] as const).flatMap((before) => {
    const files = folders.files(before);
    const together = files.filter((file) => files.includes(`${file}.bak`)).map((file) => [file, `${file}.bak`]);
    const sets = [...files.map((file) => [file]), ...together];
    return sets.flatMap((set) => damages.map((damage) => ({ before, files: set, damage })));
  });
  const whole = Array.from({ length: Math.ceil(count / every.length) }, () => every).flat();
  const order = count < every.length ? whole.sort(() => random() - 0.5) : whole;
  return order.slice(0, count).map((trial) => ({ ...trial, at: random() }));
};

/** Mulberry32: the same numbers for the same seed. */
const randomFrom = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
};
