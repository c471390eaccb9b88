import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../../../core/index.ts';
import { type Sandbox, startSandbox } from '../../../../plugins/sandbox/sandbox.ts';
import { link, sandboxForTests } from '../../sandbox/support.ts';
import { TestSession } from '../session.ts';

const phone = '4915200003001';
const ana = '4915200003002';
const bob = '4915200003003';

describe('the key of a group', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ receiptDelayMs: 120 });
  });
  afterAll(() => sandbox.close());

  /** The ids of our own keys in a group, as they are stored. */
  const keysOf = (session: TestSession, group: string): number[] =>
    [...session.auth.store].flatMap(([key, value]) => {
      if (!key.startsWith(`sender-key.${group}::`)) return [];
      const { data } = JSON.parse(Buffer.from(value).toString()) as { data: string };
      const states = JSON.parse(Buffer.from(data, 'base64').toString()) as { senderKeyId: number }[];
      return states.map(({ senderKeyId }) => senderKeyId);
    });

  it('is another one after somebody was removed, by us or by others', async () => {
    const session = new TestSession(sandbox);
    const { client }: { client: Client } = await session.link(sandbox, phone);
    const group = sandbox.group({ subject: 'Club', owner: ana, participants: [phone, bob] });
    await session.event('group.v2.join');
    const write = async (text: string): Promise<number[]> => {
      await client.messages.sendText({ chatId: group.jid, text });
      await sandbox.contact(ana).waitForMessage((message) => message.text === text);
      await expect.poll(() => keysOf(session, group.jid)).toHaveLength(1);
      return keysOf(session, group.jid);
    };
    const first = await write('one');
    expect(await write('one more')).toEqual(first);
    group.remove(ana, [bob]);
    await session.event('group.v2.participants');
    await expect.poll(() => keysOf(session, group.jid)).not.toEqual(first);
    expect(await write('two')).not.toEqual(first);
    group.promote(ana, [phone]);
    group.add(ana, [bob]);
    const third = await write('three');
    await client.groups?.changeParticipants(group.jid, 'remove', [`${bob}@c.us`]);
    await expect.poll(() => keysOf(session, group.jid)).not.toEqual(third);
    expect(await write('four')).not.toEqual(third);
    await session.close();
  });

  it('stays with plain Baileys', async () => {
    const plain = await sandboxForTests();
    const { client, auth } = await link(plain, phone);
    const group = plain.group({ subject: 'Club', owner: ana, participants: [phone, bob] });
    await client.until('groups.upsert', ([one]) => one?.id === group.jid);
    const known = async () => (await auth.keys.get('sender-key-memory', [group.jid]))[group.jid];
    await client.socket.sendMessage(group.jid, { text: 'one' });
    group.remove(ana, [bob]);
    await client.until('group-participants.update', ({ action }) => action === 'remove');
    expect(Object.keys((await known()) ?? {}).length).toBeGreaterThan(0);
    await client.close();
    await plain.close();
  });
});
