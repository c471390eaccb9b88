import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../../../plugins/sandbox/sandbox.ts';
import { TestSession } from '../session.ts';

const PHONE = '4915200000090';
const WAITING = 120;
const LIVE = 10;

let sandbox: Sandbox;
let session: TestSession;

beforeAll(async () => {
  sandbox = await startSandbox();
  session = new TestSession(sandbox);
  sandbox.phone(PHONE, { name: 'Shop' });
  await session.link(sandbox, PHONE);
});
afterAll(async () => {
  await session.close();
  await sandbox.close();
});

describe('a message that comes while older ones that waited are still being handled', () => {
  it('does not overtake them', async () => {
    await session.close();
    const contact = sandbox.contact('4915200000091');
    const texts = Array.from({ length: WAITING + LIVE }, (_, i) => `in order ${i}`);
    for (const text of texts.slice(0, WAITING)) await contact.send(PHONE, text);
    const online = sandbox.next('online', ({ phone }) => phone === PHONE);
    const open = session.login();
    await online;
    for (const text of texts.slice(WAITING)) await contact.send(PHONE, text);
    await open;
    await session.event('message', ({ body }) => body === texts.at(-1));
    await session.event('message', ({ body }) => body === texts[WAITING - 1]);
    const bodies = session
      .named('message')
      .flatMap(({ payload }) => (/^in order/.test(payload.body) ? [payload.body] : []));
    expect(bodies).toEqual(texts);
  });
});
