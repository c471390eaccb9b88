import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WAMessage } from '../../core/index.ts';
import { ProcessWorld } from '../support/process-world.ts';

let world: ProcessWorld;
const phone = '4915200002001';
const customer = '4915200002002';

beforeAll(async () => {
  world = await ProcessWorld.start({ more: { worker: { stopGrace: 30_000 } } });
});
afterAll(() => world.close());

const create = async (session: string, number: string): Promise<void> => {
  await world.api.post('/api/sessions', { name: session });
  const { body } = await world.api.get(`/api/${session}/auth/qr?format=raw`);
  await world.outside.sandbox.phone(number).scan(body.value);
  await world.outside.hooks.status(session, 'WORKING');
};

describe('a process that is killed', () => {
  it('comes back to WORKING without a QR code, and gets what was sent while it was down', async () => {
    const { hooks, sandbox } = world.outside;
    await create('kept', phone);
    await world.api.post('/api/sessions', { name: 'resting', start: false });
    await world.kill();
    const from = hooks.all.length;
    await sandbox.contact(customer).send(phone, 'are you there?');
    await world.boot();
    await hooks.status('kept', 'WORKING', from);
    const message = await hooks.next(
      'message',
      ({ payload }) => (payload as WAMessage).body === 'are you there?',
      from,
    );
    expect(message.session).toBe('kept');
    expect(hooks.statuses('kept').slice(-2)).toEqual(['STARTING', 'WORKING']);
    expect((await world.api.get('/api/sessions/resting')).body.status).toBe('STOPPED');
    expect(sandbox.phone(phone).devices()).toHaveLength(1);
  });

  it('ends within its grace at SIGTERM, with exit code 0, and says STOPPED to the webhook', async () => {
    const { hooks, sandbox } = world.outside;
    const from = hooks.all.length;
    await world.api.post('/api/sessions', { name: 'starting' });
    // Whoever does not make it in its grace is cut, with another code.
    expect((await world.terminate()).code).toBe(0);
    await hooks.status('kept', 'STOPPED', from);
    await hooks.status('starting', 'STOPPED', from);
    await expect.poll(() => sandbox.stats().sockets).toBe(0);
  });

  it('brings back after a clean stop what was running', async () => {
    const { hooks } = world.outside;
    const from = hooks.all.length;
    await world.boot();
    await hooks.status('kept', 'WORKING', from);
    await hooks.status('starting', 'SCAN_QR_CODE', from);
    const { body } = await world.api.get('/health');
    expect(body.details.sessions).toMatchObject({ status: 'up', resume: { total: 2 }, WORKING: 1, STOPPED: 1 });
  });

  it('ends as at SIGTERM when a client asks for it, after the answer, and comes back as it was', async () => {
    const { hooks, sandbox } = world.outside;
    let from = hooks.all.length;
    const [first, second] = await Promise.all([world.api.post('/api/server/stop'), world.api.post('/api/server/stop')]);
    expect([first.status, first.body, second.status]).toEqual([201, { stopping: true }, 201]);
    expect((await world.process.finished).code).toBe(0);
    await hooks.status('kept', 'STOPPED', from);
    await expect.poll(() => sandbox.stats().sockets).toBe(0);
    from = hooks.all.length;
    await world.boot();
    await hooks.status('kept', 'WORKING', from);
  });

  it('ends at once when a client insists, and loses nothing', async () => {
    const { hooks, sandbox } = world.outside;
    const from = hooks.all.length;
    const answer = await world.api.post('/api/server/stop', { force: true });
    expect([answer.status, answer.body]).toEqual([201, { stopping: true }]);
    expect((await world.process.finished).code).toBe(1);
    await sandbox.contact(customer).send(phone, 'still there?');
    await world.boot();
    await hooks.next('message', ({ payload }) => (payload as WAMessage).body === 'still there?', from);
    expect(hooks.all.slice(from).map(({ event }) => (event.payload as { status?: string }).status)).not.toContain(
      'STOPPED',
    );
  });
});
