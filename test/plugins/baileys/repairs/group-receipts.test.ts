import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { isMe } from '../../../../plugins/baileys/credentials/me.ts';
import { onGroupReceipts } from '../../../../plugins/baileys/repairs/group-receipts.ts';

const group = '1203630@g.us';
const ana = '4915200003002@s.whatsapp.net';
const me = { id: '4915200003001:7@s.whatsapp.net', lid: '777:7@lid' };

const told = (attrs: Record<string, string>, content?: unknown) => {
  const client = new EventEmitter();
  const updates: unknown[] = [];
  onGroupReceipts(
    client,
    (jid) => isMe(jid, me),
    ({ key, receipt }) => updates.push([key.id, receipt]),
  );
  client.emit('CB:receipt', { tag: 'receipt', attrs: { id: 'A', from: group, t: '5', ...attrs }, content });
  return updates;
};

it.each([
  [{}, { receiptTimestamp: 5 }],
  [{ type: 'read' }, { readTimestamp: 5 }],
  [{ type: 'played' }, { playedTimestamp: 5 }],
])('a receipt %o of a member says %o', (attrs, receipt) => {
  const expected = [['A', { userJid: ana, ...receipt }]];
  expect(told({ ...attrs, participant: ana.replace('@', ':3@') })).toEqual(expected);
  expect(told({ ...attrs, participant: ana, from: 'status@broadcast' })).toEqual(expected);
});

it('one for several messages is told of for each, once', () => {
  const items = ['B', 'C', 'A'].map((id) => ({ tag: 'item', attrs: { id } }));
  const list = [{ tag: 'list', attrs: {}, content: items }];
  expect(told({ participant: ana, type: 'read' }, list)).toEqual(
    ['A', 'B', 'C'].map((id) => [id, { userJid: ana, readTimestamp: 5 }]),
  );
});

it('one for several members is told of for each, without us', () => {
  const user = (jid: string, t: string) => ({ tag: 'user', attrs: { jid, t } });
  const users = [user(ana, '6'), user('888@lid', '7'), user('777@lid', '8')];
  const many = [{ tag: 'participants', attrs: { key: 'M' }, content: users }];
  expect(told({ type: 'played' }, many)).toEqual([
    ['M', { userJid: ana, playedTimestamp: 6 }],
    ['M', { userJid: '888@lid', playedTimestamp: 7 }],
  ]);
});

it.each(['4915200003001@s.whatsapp.net', '4915200003001:2@s.whatsapp.net', '777@lid', '777:3@lid'])(
  'what our own device %s confirms is nothing that a member did',
  (participant) => {
    for (const type of ['', 'read', 'played']) expect(told({ participant, type })).toEqual([]);
  },
);

it.each(['read-self', 'played-self', 'sender', 'retry', 'server-error', 'constructor'])(
  'a receipt of the type %s is no step of a message',
  (type) => expect(told({ participant: ana, type })).toEqual([]),
);

it('chats with one person are left to Baileys', () => {
  expect(told({ from: ana, type: 'read', participant: ana })).toEqual([]);
});
