import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../../plugins/sandbox/sandbox.ts';
import { MemoryAuth, TestSession } from './session.ts';

let sandbox: Sandbox;
const sessions: TestSession[] = [];
let number = 4915200000600;
/** Lets dead processes end. */
let end: () => void = () => undefined;
let over: Promise<void>;

beforeAll(async () => {
  sandbox = await startSandbox();
});
beforeEach(() => {
  over = new Promise((resolve) => {
    end = resolve;
  });
});
afterEach(async () => {
  end();
  await Promise.all(sessions.splice(0).map((session) => session.close()));
});
afterAll(() => sandbox.close());

const newSession = (auth?: MemoryAuth): TestSession => {
  const session = new TestSession(sandbox, auth ? { auth } : {});
  sessions.push(session);
  return session;
};

/** A session whose events go nowhere, as when the process dies between decrypting and publishing. */
const dying = async () => {
  const phone = String(number++);
  const session = newSession();
  await session.link(sandbox, phone);
  session.publishing = () => over;
  return { session, phone };
};

/** What is on disk at this moment, in the hands of the next process. */
const afterCrash = (session: TestSession): TestSession => {
  const auth = new MemoryAuth();
  auth.stored = session.auth.stored;
  for (const [key, value] of session.auth.store) auth.store.set(key, value);
  return newSession(auth);
};

const journaled = ({ auth }: TestSession): string[] =>
  [...auth.store.keys()].filter((key) => key.startsWith('waha-inbound.'));

describe('a message that was decrypted and not published before the process died', () => {
  it('is published by the next one, although it cannot be decrypted again, and the journal is empty then', async () => {
    const { session, phone } = await dying();
    const contact = sandbox.contact('4915200000601');
    const { id } = await contact.send(phone, 'nearly lost');
    await session.event('message', ({ body }) => body === 'nearly lost');
    expect(journaled(session)).toHaveLength(1);
    const next = afterCrash(session);
    next.open();
    const { payload } = await next.event('message', ({ body }) => body === 'nearly lost');
    expect(payload.id).toContain(id);
    await next.close();
    expect(journaled(next)).toEqual([]);
    expect(next.named('message')).toHaveLength(1);
  });

  it('comes before what was sent later', async () => {
    const { session, phone } = await dying();
    const contact = sandbox.contact('4915200000602');
    await contact.send(phone, 'first');
    await session.event('message', ({ body }) => body === 'first');
    const next = afterCrash(session);
    const closed = sandbox.next('closed', (it) => it.phone === phone);
    sandbox.disconnect('reset', { phone });
    await closed;
    await contact.send(phone, 'second');
    next.open();
    await next.event('message', ({ body }) => body === 'second');
    expect(next.named('message').map(({ payload }) => payload.body)).toEqual(['first', 'second']);
  });

  it('of a group brings its sender key along, so that the next ones can be read', async () => {
    const { session, phone } = await dying();
    const contact = sandbox.contact('4915200000603');
    const group = sandbox.group({ subject: 'Team', owner: contact.number, participants: [phone] });
    await contact.send(group.jid, 'to all');
    await session.event('message', ({ body }) => body === 'to all');
    const next = afterCrash(session);
    next.open();
    await next.event('message', ({ body }) => body === 'to all');
    await contact.send(group.jid, 'and again');
    await next.event('message', ({ body }) => body === 'and again');
  });
});

describe('a message that is published', () => {
  it('leaves the journal when the connection closes at the latest', async () => {
    const phone = String(number++);
    const session = newSession();
    await session.link(sandbox, phone);
    for (const text of ['one', 'two', 'three']) await sandbox.contact('4915200000604').send(phone, text);
    await session.event('message', ({ body }) => body === 'three');
    await session.close();
    expect(journaled(session)).toEqual([]);
  });
});
