import { type BaileysEventMap, makeEventBuffer } from '@whiskeysockets/baileys';
import { expect, it } from 'vitest';
import { mergeGroupUpdates } from '../../../../plugins/baileys/repairs/group-updates.ts';
import type { BaileysSocket } from '../../../../plugins/baileys/socket/socket.ts';

const quiet = { level: 'silent', trace() {}, debug() {}, info() {}, warn() {}, error() {} } as never;
type GroupUpdate = BaileysEventMap['groups.update'][number];

const gathered = (repair: (sock: Pick<BaileysSocket, 'ev'>) => void, updates: readonly GroupUpdate[]) => {
  const ev = makeEventBuffer(quiet);
  repair({ ev });
  const told: GroupUpdate[][] = [];
  ev.on('groups.update', (some) => told.push(some));
  ev.buffer();
  for (const update of updates) ev.emit('groups.update', [update]);
  ev.flush();
  // What comes after the buffer stands for itself.
  ev.emit('groups.update', [{ id: '1@g.us', restrict: true }]);
  return told;
};
const changes = [
  { id: '1@g.us', subject: 'first' },
  { id: '2@g.us', subject: 'other' },
  { id: '1@g.us', announce: true },
  { id: '1@g.us', subject: 'last' },
];

it('all changes of a group that were gathered are told of, the newest of each kind', () => {
  expect(gathered(mergeGroupUpdates, changes)).toEqual([
    [
      { id: '1@g.us', subject: 'last', announce: true },
      { id: '2@g.us', subject: 'other' },
    ],
    [{ id: '1@g.us', restrict: true }],
  ]);
});

it('the repair is still needed: plain Baileys keeps the first', () => {
  expect(gathered(() => undefined, changes)[0]?.[0]).toEqual({ id: '1@g.us', subject: 'first' });
});
