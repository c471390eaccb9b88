import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
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
    /** One that was on its way to a process that died is asked again. */
    const ask = (path: string): Promise<Pick<ApiAnswer, 'status' | 'body'>> => {
      const none = { status: 0, body: {} };
      return Promise.race([command.api.get(path, { connection: 'close' }), pause(5_000, none)]).catch(() => none);
    };
    const cluster = async (): Promise<{ node: string; nodes: Node[] }> => {
      const { status, body } = await ask('/api/cluster');
      return status === 200 ? body : { node: '', nodes: [] };
    };
    const both = () => world.until(cluster, ({ nodes }) => nodes.length === 2);

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
      const { body } = await command.api.get('/api/ana/auth/qr?format=raw');
      await sandbox.phone('4915100000001').scan(body.value);
      await hooks.status('ana', 'WORKING');
      for (let count = 0; count < 4; count++) {
        const answer = await ask('/api/sessions/ana');
        expect([answer.status, answer.body.status]).toEqual([200, 'WORKING']);
      }
    });

    it('are started again when they die, and all end when the command is asked to', async () => {
      const before = await both();
      process.kill(childOf(command.running.child.pid ?? 0), 'SIGKILL');
      await world.until(cluster, ({ nodes }) => {
        const ids = new Set(before.nodes.map(({ id }) => id));
        return nodes.length === 2 && nodes.some(({ id }) => !ids.has(id));
      });
      await world.until(
        () => ask('/api/sessions/ana'),
        ({ body }) => body.status === 'WORKING',
      );
      await world.terminate(command);
      expect(await command.running.finished).toMatchObject({ code: 0 });
    });
  },
);
