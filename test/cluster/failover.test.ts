import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionStatusPayload } from '../../core/contracts/session.ts';
import { hasPostgres } from '../support/postgres.ts';
import { type ClusterProcess, ClusterWorld } from './cluster-world.ts';
import { RandomCommands } from './commands.ts';
import { randomOf, torture } from './torture.ts';

const sessions = ['ana', 'bea', 'cai'];
const calls = { dm: { reject: true }, group: { reject: true } };
const phoneOf = (session: string): string => `49151000000${sessions.indexOf(session)}0`;

describe.runIf(hasPostgres)('several processes with one set of sessions', { timeout: 180_000 }, () => {
  let world: ClusterWorld;
  let sent = 0;
  let heard: { cursor: number; id: string }[] = [];
  /** What somebody could not decrypt. */
  const unreadable: string[] = [];
  beforeAll(async () => {
    world = await ClusterWorld.start(3);
    world.outside.sandbox.on('retry-asked', ({ id, why }) => unreadable.push(`${id}: ${why}`));
    heard = await world.listen(pick(2));
  });
  afterAll(() => world?.close());

  const pick = (index: number): ClusterProcess => world.processes[index % world.processes.length] as ClusterProcess;
  const statusAt = async ({ api }: ClusterProcess, session: string): Promise<string> => {
    const { status, body } = await api.get(`/api/sessions/${session}`);
    return status === 200 ? body.status : `${status}`;
  };
  const allWorking = (): Promise<string[]> =>
    world.until(
      () => Promise.all(sessions.map((session, index) => statusAt(pick(index), session))),
      (statuses) => statuses.every((status) => status === 'WORKING'),
    );
  /** One message comes in for each session, and one goes out, through whichever process. */
  const talk = async (): Promise<void> => {
    const { sandbox, hooks } = world.outside;
    for (const [index, session] of sessions.entries()) {
      const text = `message ${++sent} for ${session}`;
      await sandbox.contact('5511988887777').send(phoneOf(session), text);
      const isIt = ({ session: name, payload }: { session: string; payload: unknown }) =>
        name === session && (payload as { body?: string }).body === text;
      await hooks.next('message', isIt);
      const request = { session, chatId: '5511988887777@c.us', text: `answer ${sent}` };
      const answer = await world.until(
        () => pick(index + 1).api.post('/api/sendText', request),
        ({ status }) => status !== 503,
      );
      expect(answer.status).toBe(201);
    }
  };

  it('link a session through any of them, which each of them answers for', async () => {
    const { sandbox, hooks } = world.outside;
    for (const [index, session] of sessions.entries()) {
      expect((await pick(index).api.post('/api/sessions', { name: session })).status).toBe(201);
      const again = await pick(index + 1).api.post('/api/sessions', { name: session });
      expect(again.status).toBe(422);
      const { status, body } = await pick(index + 1).api.get(`/api/${session}/auth/qr?format=raw`);
      expect(status).toBe(200);
      await sandbox.phone(phoneOf(session)).scan(body.value);
      await hooks.status(session, 'WORKING');
    }
    await allWorking();
    for (const { api } of world.processes) {
      const { body } = await world.until(
        () => api.get('/api/sessions'),
        ({ body: list }) =>
          list.length === sessions.length && list.every(({ status }: { status: string }) => status === 'WORKING'),
      );
      expect(body.map(({ name }: { name: string }) => name).sort()).toEqual(sessions);
    }
    await talk();
  });

  it('answer every question about a session alike', async () => {
    const { body: document } = await pick(0).api.get('/-json');
    const questions = Object.entries<{ get?: { parameters?: { name: string; required?: boolean }[] } }>(document.paths)
      .flatMap(([path, { get }]) => {
        const needed = (get?.parameters ?? []).filter(({ name, required }) => required && name !== 'session');
        const inQuery = (get?.parameters ?? []).some(({ name }) => name === 'session') && !path.includes('{session}');
        if (!get || needed.length > 0 || !(path.includes('{session}') || inQuery)) return [];
        return [`${path.replace('{session}', 'ana')}${inQuery ? '?session=ana' : ''}`];
      })
      .filter((path) => !path.includes('{'));
    expect(questions.length).toBeGreaterThan(20);
    for (const path of questions) {
      const answers = await Promise.all(world.processes.map(({ api }) => api.get(path)));
      const [status = 0, ...others] = answers.map((answer) => answer.status);
      expect([path, status, others]).toEqual([path, status, [status, status]]);
      expect([path, status < 500 && status !== 421]).toEqual([path, true]);
    }
  });

  it('know the keys and the apps that were made at one of them, and take no more a key that was removed', async () => {
    const { status, body: key } = await pick(0).api.post('/api/keys', {
      session: 'ana',
      isAdmin: false,
      isActive: true,
    });
    expect(status).toBe(201);
    const at = ({ api }: ClusterProcess) => api.get('/api/sessions/ana', { 'x-api-key': key.key });
    for (const process of world.processes)
      await world.until(
        () => at(process),
        (answer) => answer.status === 200,
      );
    const made = await pick(1).api.post('/api/apps', { id: 'app_1', session: 'bea', app: 'calls', config: calls });
    expect(made.status).toBe(201);
    for (const { api } of world.processes) {
      await world.until(
        () => api.get('/api/apps/app_1'),
        (answer) => answer.status === 200,
      );
    }
    expect((await pick(2).api.delete(`/api/keys/${key.id}`)).status).toBe(200);
    for (const process of world.processes)
      await world.until(
        () => at(process),
        (answer) => answer.status === 401,
      );
  });

  it('have tools for agents that reach the sessions of each of them, and hear their messages', async () => {
    const tool = async ({ api }: ClusterProcess, name: string, input: object) => {
      const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: input } };
      const headers = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
      const { body } = await api.call('POST', '/mcp', JSON.stringify(call), headers);
      // An event stream, or JSON.
      return Buffer.isBuffer(body) ? JSON.parse(/^data: (.*)$/m.exec(String(body))?.[1] ?? '').result : body.result;
    };
    const writer = world.outside.sandbox.contact('5511988886666');
    for (const [index, process] of world.processes.entries()) {
      const { structuredContent: session } = await tool(process, 'sessions-get', { session: 'ana' });
      expect([session.name, session.status]).toEqual(['ana', 'WORKING']);
      const text = `tool ${index}`;
      const sent = await tool(process, 'send-text', { session: 'ana', chatId: `${writer.number}@c.us`, text });
      expect(sent.isError).toBeFalsy();
      await writer.waitForMessage((message) => message.text === text);
      const newerThan = Math.floor(Date.now() / 1000) - 5;
      const heard = tool(process, 'wait-for-message', { session: 'ana', chatId: `${writer.number}@c.us`, newerThan });
      await writer.send(phoneOf('ana'), `answer to ${text}`);
      expect((await heard).structuredContent.message.body).toMatch(/^answer to tool/);
      const refused = await tool(process, 'send-text', { session: 'ana', chatId: 'nobody', text });
      expect([refused.isError, refused.content[0].text]).toEqual([true, expect.stringMatching(/^4..: chatId/)]);
    }
  });

  it('send what waits for its time once, by the one that has the session', async () => {
    const writer = world.outside.sandbox.contact('5511988885555');
    for (const [index, { api }] of world.processes.entries()) {
      const later = new Date(Date.now() + 1_000).toISOString();
      const request = { session: 'bea', chatId: `${writer.number}@c.us`, text: `in time ${index}`, sendAt: later };
      expect((await api.post('/api/sendText', request)).status).toBe(202);
    }
    const isIt = (index: number) => (message: { text?: string | undefined }) => message.text === `in time ${index}`;
    await Promise.all(world.processes.map((_, index) => writer.waitForMessage(isIt(index))));
    const tries = await Promise.all(
      world.processes.map(async ({ api }) =>
        String((await api.get('/metrics')).body).match(/^waha_send_queue_tries_total.*$/gm),
      ),
    );
    const count = (outcome: string) =>
      tries.flat().reduce((sum, line) => sum + (line?.includes(`"${outcome}"`) ? Number(line.split(' ')[1]) : 0), 0);
    expect(['retried', 'failed', 'held'].map(count)).toEqual([0, 0, 0]);
    expect(writer.inbox).toHaveLength(world.processes.length);
  });

  it('take over what one had that was killed, lose nothing and tell nothing under two ids', async () => {
    const killed = pick(1);
    await world.kill(killed);
    await allWorking();
    await talk();
    expect(
      await world.until(
        () => world.shares(),
        (shares) => shares.length === 2,
      ),
    ).toHaveLength(2);
  });

  it('hand over what one has that is asked to stop, and take a new one in', async () => {
    await world.join();
    await world.terminate(pick(0));
    await allWorking();
    await talk();
  });

  it('take over what one has that stands still, which writes and sends nothing when it wakes', async () => {
    const { sandbox, hooks } = world.outside;
    const writer = sandbox.contact('5511988887777');
    const still = await world.ownerOf('ana');
    still.running.child.kill('SIGSTOP');
    world.processes.splice(world.processes.indexOf(still), 1);
    // Both wait where it will find them when it wakes: it has the session, as far as it knows.
    const waiting = await writer.send(phoneOf('ana'), 'sent to one that stands still');
    const request = { session: 'ana', chatId: `${writer.number}@c.us`, text: 'asked of one that stands still' };
    const asked = still.api.post('/api/sendText', request);
    expect(
      (
        await world.until(
          () => world.ownerOf('ana').catch(() => still),
          (owner) => owner !== still,
        )
      ).name,
    ).not.toBe(still.name);
    await allWorking();
    await hooks.next(
      'message',
      ({ payload }) => (payload as { body?: string }).body === 'sent to one that stands still',
    );
    await talk();
    still.running.child.kill('SIGCONT');
    await still.running.line(/declared this process dead/);
    const { status } = await asked;
    expect([201, 503]).toContain(status);
    world.processes.push(still);
    await world.until(
      () => world.shares(),
      (shares) => shares.length === 2,
    );
    await allWorking();
    await talk();
    // It went by way of the process that has the session now, or not at all.
    const texts = writer.inbox.map(({ text }) => text);
    expect(texts.filter((text) => text === request.text)).toHaveLength(status === 201 ? 1 : 0);
    const told = world.events('ana').filter(({ payload }) => (payload as { id?: string }).id?.includes(waiting.id));
    expect(told.filter(({ event }) => event === 'message')).toHaveLength(1);
    expect(unreadable).toEqual([]);
  });

  it('go on when the database was restarted at once', async () => {
    await world.server.stop('SIGQUIT');
    await world.server.start();
    await allWorking();
    await talk();
  });

  it('make a session anew at one of them that was deleted at another a moment ago', async () => {
    for (let count = 0; count < 4; count++) {
      expect((await pick(count).api.post('/api/sessions', { name: 'rob', start: false })).status).toBe(201);
      expect((await pick(count + 1).api.delete('/api/sessions/rob')).status).toBe(200);
    }
  });

  it('do what was said last, whoever was told and whoever died meanwhile', async () => {
    const random = randomOf(7);
    const run = new RandomCommands(world, { commands: 6, names: ['pia', 'qi'], random, deaths: 1 });
    await run.run();
    expect(await run.differences(sessions)).toEqual([]);
    await Promise.all(['pia', 'qi'].map((name) => world.any.api.delete(`/api/sessions/${name}`)));
  });

  it('lose nothing, and use no key twice, while messages come and go and processes die', async () => {
    const kinds = ['kill', 'stop', 'cut', 'database'] as const;
    const options = { messages: 30, faults: 4, sessions: 2, longestStop: 4_000, seed: 11, kinds };
    const report = await torture(world, options);
    expect(report).toMatchObject({
      ...{ sent: 30, lost: [], doubled: [], undecryptable: [], unanswered: [] },
      ...{ missingSeqs: [], missingCursors: 0, notWorking: [] },
    });
  });

  it('told every event to whoever listens at one of them, in the order of the log, and tell it again since a cursor', async () => {
    const [first] = heard;
    const again = await world.listen(world.any, (first?.cursor ?? 1) - 1);
    const ids = new Set(world.outside.hooks.all.map(({ event }) => event.id));
    await world.until(
      async () => new Set(again.map(({ id }) => id)),
      (told) => [...ids].every((id) => told.has(id)),
    );
    const cursors = again.map(({ cursor }) => cursor);
    expect(cursors).toEqual(Array.from({ length: cursors.length }, (_, index) => (first?.cursor ?? 0) + index));
    // Either of the two may have heard a newer one by now.
    const both = Math.min(heard.length, again.length);
    expect(heard.slice(0, both)).toEqual(again.slice(0, both));
    expect(heard.length).toBeGreaterThan(10);
  });

  it('gave every event of a session its number, without a gap', async () => {
    for (const session of sessions) {
      const events = world.events(session);
      const seqs = [...new Set(events.map(({ seq }) => seq ?? 0))].sort((a, b) => a - b);
      expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, index) => (seqs[0] ?? 0) + index));
      const texts = events
        .filter(({ event }) => event === 'message')
        .map(({ payload }) => (payload as { body: string }).body);
      expect(texts).toHaveLength(new Set(texts).size);
      const statuses = events.filter(({ event }) => event === 'session.status');
      expect(statuses.map(({ payload }) => (payload as SessionStatusPayload).status)).not.toContain('STOPPED');
    }
  });
});
