import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiAnswer } from '../support/api.ts';
import { hasPostgres } from '../support/postgres.ts';
import { type ClusterProcess, ClusterWorld } from './cluster-world.ts';

/** A process that this one started. */
const childOf = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);

describe.runIf(hasPostgres && process.platform === 'linux')(
  'several processes of one command',
  { timeout: 180_000 },
  () => {
    let world: ClusterWorld;
    let command: ClusterProcess;
    beforeAll(async () => {
      world = await ClusterWorld.start(0);
      command = await world.join('--workers', '2');
    }, 180_000);
    afterAll(() => world?.close());

    interface Node {
      readonly id: string;
      readonly url: string;
      readonly sessions: number;
    }
    /** One that a process had when it died ends at once; it is asked again. */
    const ask = (path: string): Promise<Pick<ApiAnswer, 'status' | 'body'>> =>
      command.api.get(path, { connection: 'close' }).catch(() => ({ status: 0, body: {} }));
    const cluster = async (): Promise<{ node: string; nodes: Node[] }> => {
      const { status, body } = await ask('/api/cluster');
      return status === 200 ? body : { node: '', nodes: [] };
    };
    const both = () => world.until(cluster, ({ nodes }) => nodes.length === 2);

    /** One of those is gone, and there are two again. */
    const another = (before: readonly Node[]) =>
      world.until(cluster, ({ nodes }) => {
        const ids = new Set(before.map(({ id }) => id));
        return nodes.length === 2 && nodes.filter(({ id }) => ids.has(id)).length === 1;
      });

    it('answer on one port, and reach each other on ports of their own', async () => {
      const { nodes } = await both();
      expect(new Set(nodes.map(({ url }) => url)).size).toBe(2);
      expect(nodes.map(({ url }) => url)).not.toContain(command.api.url);
      const answered = new Set<string>();
      await world.until(
        async () => answered.add((await cluster()).node),
        ({ size }) => size === 2,
      );
    });

    it('have sessions that each of them answers for', async () => {
      const { sandbox, hooks } = world.outside;
      expect((await command.api.post('/api/sessions', { name: 'ana' })).status).toBe(201);
      const { body } = await world.until(
        () => command.api.get('/api/ana/auth/qr?format=raw'),
        ({ status }) => status === 200,
      );
      await sandbox.phone('4915100000001').scan(body.value);
      await hooks.status('ana', 'WORKING');
      for (let count = 0; count < 4; count++) {
        const answer = await ask('/api/sessions/ana');
        expect([answer.status, answer.body.status]).toEqual([200, 'WORKING']);
      }
    });

    it('tell the figures of all of them, each with its name', async () => {
      const { status, body } = await command.api.get('/metrics', { connection: 'close' });
      const text = String(body);
      const workersOf = (name: string) =>
        [...text.matchAll(new RegExp(`^${name}{.*worker="([^"]*)"`, 'gm'))].map(([, id]) => id);
      expect([status, workersOf('waha_up').sort()]).toEqual([200, ['node1-1', 'node1-2']]);
      for (const name of ['process_resident_memory_bytes', 'waha_cluster_owned_sessions', 'waha_sink_pending']) {
        expect([name, new Set(workersOf(name)).size]).toEqual([name, 2]);
      }
      expect(text.match(/^waha_session_status{.*session="ana"/gm)).toHaveLength(1);
      expect(text.match(/^# TYPE waha_up gauge$/gm)).toHaveLength(1);
    });

    it('answer every request although one of them does not take its connections any more', async () => {
      const before = await both();
      const still = childOf(command.running.child.pid ?? 0);
      process.kill(still, 'SIGSTOP');
      const asked = Array.from({ length: 8 }, () => ask('/api/version'));
      await Promise.race(asked);
      process.kill(still, 'SIGKILL');
      // None of them waits for one that is gone.
      const answers = await Promise.all(asked);
      expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
      await another(before.nodes);
    });

    it('are started again when they die, and all end when the command is asked to', async () => {
      const before = await both();
      process.kill(childOf(command.running.child.pid ?? 0), 'SIGKILL');
      await another(before.nodes);
      await world.until(
        () => ask('/api/sessions/ana'),
        ({ body }) => body.status === 'WORKING',
      );
      await world.terminate(command);
      expect(await command.running.finished).toMatchObject({ code: 0 });
    });
  },
);
