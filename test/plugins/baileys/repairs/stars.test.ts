import { chatModificationToAppPatch } from '@whiskeysockets/baileys';
import { expect, it } from 'vitest';
import { starMessages } from '../../../../plugins/baileys/repairs/stars.ts';

const chat = '4915200003001@s.whatsapp.net';
const group = '1203630@g.us';
const keys = ['FIRST', 'SECOND'].map((id) => ({ id, fromMe: false, participant: '77:3@lid' }));

const patches = async (jid: string, starred = true): Promise<{ type: string; index: string[]; starred: unknown }[]> => {
  const made: { type: string; index: string[]; starred: unknown }[] = [];
  const appPatch = async ({ type, index, syncAction }: Parameters<Parameters<typeof starMessages>[0]['appPatch']>[0]) =>
    void made.push({ type, index, starred: syncAction.starAction?.starred });
  await starMessages({ appPatch }, jid, keys, starred);
  return made;
};

it('every message gets its star, where phones look for it', async () => {
  expect(await patches(chat)).toEqual([
    { type: 'regular_high', index: ['star', chat, 'FIRST', '0', '0'], starred: true },
    { type: 'regular_high', index: ['star', chat, 'SECOND', '0', '0'], starred: true },
  ]);
});

it('the author of a message in a group is named, without a device', async () => {
  const [first] = await patches(group, false);
  expect(first).toEqual({ type: 'regular_high', index: ['star', group, 'FIRST', '0', '77@lid'], starred: false });
});

it('the repair is still needed: plain Baileys stars the first, under another name', () => {
  const messages = keys.map(({ id, fromMe }) => ({ id, fromMe }));
  const { index, type } = chatModificationToAppPatch({ star: { messages, star: true } }, group);
  expect([type, index]).toEqual(['regular_low', ['star', group, 'FIRST', '0', '0']]);
});
