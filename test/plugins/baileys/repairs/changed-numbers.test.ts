import { makeEventBuffer, type WAMessage as RawMessage, WAMessageStubType } from '@whiskeysockets/baileys';
import processMessage from '@whiskeysockets/baileys/lib/Utils/process-message.js';
import { expect, it } from 'vitest';
import { readableNumbers } from '../../../../plugins/baileys/repairs/changed-numbers.ts';
import type { BaileysSocket } from '../../../../plugins/baileys/socket/socket.ts';

const group = '1203630@g.us';
const before = '4915200003001@s.whatsapp.net';
const after = '4915200003002@s.whatsapp.net';
const quiet = { level: 'silent', trace() {}, debug() {}, info() {}, warn() {}, error() {} } as never;

/** What Baileys tells when it has read the notification of a change of number as it does (its `messages-recv.js`). */
const told = async (repair: (sock: Pick<BaileysSocket, 'ev'>) => void, parameters = [after]): Promise<unknown[]> => {
  const ev = makeEventBuffer(quiet);
  repair({ ev });
  const updates: unknown[] = [];
  ev.on('group-participants.update', ({ action, participants }) => updates.push({ action, participants }));
  const raw = {
    key: { remoteJid: group, participant: before, fromMe: false, id: 'N1' },
    messageTimestamp: 1,
    messageStubType: WAMessageStubType.GROUP_PARTICIPANT_CHANGE_NUMBER,
    messageStubParameters: parameters,
  } as RawMessage;
  ev.emit('messages.upsert', { messages: [raw], type: 'append' });
  await processMessage(raw, { ev, creds: { me: { id: '1:1@s.whatsapp.net' } }, logger: quiet } as never);
  return updates;
};

it('a member that changes the number is told of, and raises nothing inside', async () => {
  expect(await told(readableNumbers)).toEqual([{ action: 'modify', participants: [{ id: after }] }]);
});

it('a member that Baileys wrote down as JSON stays as it is', async () => {
  const json = JSON.stringify({ id: after, lid: '1@lid' });
  expect(await told(readableNumbers, [json])).toEqual([
    { action: 'modify', participants: [{ id: after, lid: '1@lid' }] },
  ]);
});

it('the repair is still needed: plain Baileys raises', async () => {
  await expect(told(() => undefined)).rejects.toThrow(SyntaxError);
});
