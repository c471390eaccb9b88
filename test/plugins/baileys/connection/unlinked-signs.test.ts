import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../../plugins/baileys/connection/disconnect.ts';
import { watchUnlinking } from '../../../../plugins/baileys/connection/unlinked-signs.ts';
import type { AuthState } from '../../../../plugins/baileys/credentials/auth-state.ts';
import type { BaileysSocket } from '../../../../plugins/baileys/socket/socket.ts';

const me = { id: '4915200000001:3@s.whatsapp.net', lid: '1001:3@lid' };

const told = (type: string, from: string, content: object[]): Verdict['reason'] | undefined => {
  const ws = new EventEmitter();
  let reason: Verdict['reason'] | undefined;
  const auth = { creds: { me } } as unknown as Pick<AuthState, 'creds'>;
  watchUnlinking({ ws } as unknown as BaileysSocket, auth, (verdict) => {
    reason = verdict.reason;
  });
  ws.emit(`CB:notification,type:${type}`, { tag: 'notification', attrs: { type, from }, content });
  return reason;
};
const devices = (...jids: string[]) => [
  { tag: 'devices', attrs: {}, content: jids.map((jid) => ({ tag: 'device', attrs: { jid } })) },
];
const own = '4915200000001@s.whatsapp.net';
const identity = [{ tag: 'identity', attrs: {} }];

describe('a device that is not linked any more', () => {
  it.each([
    ['its phone registers anew', 'encrypt', own, identity, 'logged_out'],
    ['its phone registers anew, by its hidden id', 'encrypt', '1001@lid', identity, 'logged_out'],
    ['a list is without it', 'account_sync', own, devices(own, '4915200000001:4@s.whatsapp.net'), 'device_removed'],
    ['a list of hidden ids is without it', 'account_sync', own, devices('1001@lid'), 'device_removed'],
  ] as const)('knows when %s', (_name, type, from, content, reason) => {
    expect(told(type, from, [...content])).toBe(reason);
  });

  it.each([
    ['a contact registers anew', 'encrypt', '4915200000002@s.whatsapp.net', identity],
    ['a contact whose hidden id looks like our number does', 'encrypt', '4915200000001@lid', identity],
    ['keys run low', 'encrypt', own, [{ tag: 'count', attrs: { value: '3' } }]],
    ['the list has it', 'account_sync', own, devices(own, me.id)],
    ['the list has it by its hidden id', 'account_sync', own, devices('1001@lid', '1001:3@lid')],
    ['the list is empty', 'account_sync', own, devices()],
    ['the list is of somebody else', 'account_sync', own, devices('4915200000002@s.whatsapp.net')],
    ['something else is synchronised', 'account_sync', own, [{ tag: 'blocklist', attrs: {} }]],
  ] as const)('is not thought of when %s', (_name, type, from, content) => {
    expect(told(type, from, [...content])).toBeUndefined();
  });
});
