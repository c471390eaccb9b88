import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import type { StatusReason } from '../../core/contracts/session.ts';
import type { Fault } from '../../plugins/sandbox/sandbox.ts';
import { World } from '../support/world.ts';

/** Ten ways to fail at the next login, and what the session says of each. */
const ways: readonly {
  readonly says: StatusReason;
  readonly fault?: Fault;
  readonly does?: 'unlink' | 'proxy' | 'corrupt';
}[] = [
  { says: 'logged_out', does: 'unlink' },
  { says: 'proxy', does: 'proxy' },
  { says: 'corrupt_auth', does: 'corrupt' },
  { says: 'banned', fault: { kind: 'refuse-login', reason: 406 } },
  { says: 'locked', fault: { kind: 'refuse-login', reason: 403 } },
  { says: 'client_outdated', fault: { kind: 'refuse-login', reason: 405 } },
  { says: 'multidevice_mismatch', fault: { kind: 'refuse-login', reason: 411 } },
  { says: 'unavailable', fault: { kind: 'refuse-login', reason: 503 } },
  { says: 'bad_session', fault: { kind: 'disconnect-at-login', how: 500 } },
  { says: 'replaced', fault: { kind: 'disconnect-at-login', how: 440 } },
];

/** How the sessions are after all of them were restarted at once. */
export interface Outcome {
  readonly working: number;
  /** What each of the ten says, and what it should. */
  readonly failures: readonly { readonly expected: StatusReason; readonly reason: string; readonly status: string }[];
  readonly seconds: number;
  readonly mostSocketsPerSession: number;
}

/**
 * Links so many sessions over the sandbox, stops the runtime, breaks ten of them in ten ways, and starts it again.
 * Resolves when nothing moves any more; the outcome says how they are.
 */
export const restartAll = async (healthy: number, log: (line: string) => void = () => undefined): Promise<Outcome> => {
  const timings = { conflict: 200, qrWait: 15_000, start: 60_000 };
  const world = await World.start({ timings, baileys: { connectTimeoutMs: 20_000 } });
  try {
    const names = Array.from({ length: healthy + ways.length }, (_, index) => `s${index}`);
    for (const name of names) await world.link(name, phoneOf(name));
    log(`${names.length} sessions are linked`);
    await breakTen(world);
    const began = performance.now();
    await world.reboot();
    await settled(world, names.slice(ways.length));
    const failures = ways.map(({ says }, index) => {
      const { status, reason } = world.runtime.sessions.get(`s${index}`);
      // One that tries again works for a moment; what counts is the last trouble that it told of.
      const told = world.runtime.sessions.transitions(`s${index}`).findLast((transition) => transition.reason);
      return { expected: says, reason: reason ?? told?.reason ?? 'none', status };
    });
    const well = names.slice(ways.length).map((name) => world.runtime.sessions.get(name));
    const working = well.filter(({ status }) => status === 'WORKING').length;
    const { mostSocketsPerSession } = world.sandbox.stats();
    return { working, failures, seconds: (performance.now() - began) / 1000, mostSocketsPerSession };
  } finally {
    await world.close();
  }
};

const phoneOf = (name: string): string => `49152${String(10_000_000 + Number(name.slice(1)))}`;

const breakTen = async (world: World): Promise<void> => {
  await world.api.put('/api/sessions/s1', { config: { proxy: { server: '127.0.0.1:1' } } });
  await world.runtime.stop();
  world.sandbox.resetMostSockets();
  for (const [index, { fault, does }] of ways.entries()) {
    const phone = phoneOf(`s${index}`);
    if (fault) world.sandbox.faults.set({ ...fault, phone });
    if (does === 'unlink') world.sandbox.phone(phone).unlink();
    if (does === 'corrupt') corrupt(world.outside.folder, `s${index}`);
  }
};

/** Damages the credentials of a session where they are, both generations of them. */
const corrupt = (folder: string, session: string): void => {
  for (const file of readdirSync(folder).filter((name) => /\.(sqlite|db)$/.test(name))) {
    const database = new Database(join(folder, file));
    const known = database.prepare("SELECT name FROM sqlite_master WHERE name = 'credentials'").all();
    if (known.length > 0) database.prepare("UPDATE credentials SET value = x'00' WHERE session = ?").run(session);
    database.close();
  }
};

/** Waits until the healthy ones work and each of the others has said why it does not. */
const settled = async ({ runtime }: World, healthy: readonly string[]): Promise<void> => {
  const patience = 120_000;
  await Promise.all(
    runtime.sessions.all().map((session) => {
      const should = healthy.includes(session.name);
      const index = Number(session.name.slice(1));
      const said = () => session.info().reason === ways[index]?.says;
      return session.until((it) => (should ? it.status === 'WORKING' : it.isIn('failed') || said()), patience);
    }),
  );
};
