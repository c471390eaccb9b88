import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../core/deadline.ts';
import { isOwnPhone } from '../../../../plugins/baileys/connection/phone-signs.ts';
import { type Sandbox, startSandbox } from '../../../../plugins/sandbox/sandbox.ts';
import { TestSession } from '../session.ts';

let sandbox: Sandbox;
let number = 4915200000500;
/** How far WhatsApp's clock is from ours (ms). */
let skew = 0;
const sessions: TestSession[] = [];
const linked = async (phone = String(number++)) => {
  const session = new TestSession(sandbox);
  sessions.push(session);
  await session.link(sandbox, phone);
  return { session, phone: sandbox.phone(phone) };
};
const customer = '4915200000599';
const signs = ({ signals }: TestSession): number[] =>
  signals.entries.flatMap((signal) => (signal.type === 'engine.phone' ? [signal.seenAt] : []));

beforeAll(async () => {
  sandbox = await startSandbox({ clock: { ...systemClock, now: () => Date.now() + skew } });
});
afterEach(() => Promise.all(sessions.splice(0).map((session) => session.close())));
afterAll(() => sandbox.close());

describe('a sign of life of the phone', () => {
  it('comes with the keys that it hands over to a new device', async () => {
    const { session } = await linked();
    const { seenAt } = await session.signal('engine.phone');
    expect(Math.abs(Date.now() - seenAt)).toBeLessThan(60_000);
  });

  it('is what it writes, also while we are away, at the time of its writing', async () => {
    const { session, phone } = await linked();
    await session.signal('engine.phone');
    await session.close();
    skew = -3 * 86_400_000;
    const writtenAt = Date.now() + skew;
    await phone.write(customer, 'written on the phone');
    skew = 0;
    await session.login();
    const { seenAt } = await session.signal('engine.phone');
    expect(Math.abs(seenAt - writtenAt)).toBeLessThan(60_000);
  });

  it('is its receipt for what we send', async () => {
    const { session, phone } = await linked();
    await session.signal('engine.phone');
    await session.close();
    await session.login();
    phone.confirm('3EB0000000000000000001', customer);
    const { seenAt } = await session.signal('engine.phone');
    expect(Math.abs(Date.now() - seenAt)).toBeLessThan(60_000);
  });

  it('is nothing that others, the server or another linked device say', async () => {
    const { session, phone } = await linked();
    await session.signal('engine.phone');
    const other = (await linked(phone.number)).session;
    await other.signal('engine.phone');
    await session.close();
    const { client } = await session.login();
    const known = signs(session).length;
    await sandbox.contact(customer).send(phone.number, 'from somebody else');
    await session.event('message', ({ body }) => body === 'from somebody else');
    await phone.rename('Another name');
    await session.signal('engine.me');
    const { messages } = (await other.signal('engine.open')).client;
    await messages.sendText({ chatId: `${customer}@c.us`, text: 'from the other device' });
    await session.event('message.any', ({ body }) => body === 'from the other device');
    await client.messages.sendText({ chatId: `${customer}@c.us`, text: 'from us' });
    expect(signs(session)).toHaveLength(known);
  });
});

describe('the author of a stanza', () => {
  const me = { id: '4915200000500:3@s.whatsapp.net', lid: '774915200000500:3@lid' };
  it.each([
    ['4915200000500@s.whatsapp.net', true],
    ['4915200000500:0@s.whatsapp.net', true],
    ['774915200000500@lid', true],
    ['4915200000500:3@s.whatsapp.net', false],
    ['774915200000500:1@lid', false],
    ['4915200000501@s.whatsapp.net', false],
    ['4915200000500@lid', false],
    ['4915200000500@g.us', false],
    ['@s.whatsapp.net', false],
    ['nonsense', false],
    [undefined, false],
  ])('%s is the own phone: %s', (author, own) => {
    expect(isOwnPhone(author, me)).toBe(own);
    expect(isOwnPhone(author, undefined)).toBe(false);
  });
});
