import { describe, expect, it } from 'vitest';
import { proxyAddress } from 'waha-runtime';
import { corruptAuth } from 'waha-runtime/engine';
import { storageFailed } from 'waha-runtime/storage';
import { authRevoked } from '../../../../core/errors.ts';
import { verdictOf } from '../../../../plugins/baileys/connection/disconnect.ts';
import { ProxyFault } from '../../../../plugins/baileys/connection/proxy-fault.ts';

const boom = (statusCode: number, message: string, data?: unknown): Error =>
  Object.assign(new Error(message), { output: { statusCode }, data });
const proxy = proxyAddress({ server: 'http://user:secret@10.0.0.1:3128' });

describe('why a connection ended', () => {
  it.each([
    [boom(408, 'QR refs attempts ended'), 'qr_refs_ended'],
    [boom(408, 'Connection was lost'), 'network'],
    [boom(408, 'WebSocket Error (connect ECONNREFUSED)'), 'network'],
    [boom(428, 'Connection Terminated'), 'network'],
    [boom(401, 'Connection Failure', { reason: '401' }), 'logged_out'],
    [boom(401, 'Stream Errored (conflict)', { tag: 'conflict', attrs: { type: 'device_removed' } }), 'device_removed'],
    [boom(440, 'Stream Errored (conflict)', { tag: 'conflict', attrs: { type: 'device_removed' } }), 'device_removed'],
    [boom(440, 'Stream Errored (conflict)', { tag: 'conflict', attrs: { type: 'replaced' } }), 'replaced'],
    [boom(402, 'Connection Failure'), 'banned'],
    [boom(403, 'Connection Failure'), 'locked'],
    [boom(406, 'Connection Failure'), 'banned'],
    [boom(409, 'Connection Failure'), 'client_outdated'],
    ...([413, 414, 415, 418] as const).map((code) => [boom(code, 'Connection Failure'), 'engine_error'] as const),
    [boom(501, 'Connection Failure'), 'unavailable'],
    [boom(516, 'Stream Errored (unknown)'), 'logged_out'],
    [boom(405, 'Connection Failure'), 'client_outdated'],
    [boom(411, 'Multi-device beta not joined'), 'multidevice_mismatch'],
    [boom(515, 'Stream Errored (restart required)'), 'restart_required'],
    [boom(503, 'Stream Errored (unknown)'), 'unavailable'],
    [boom(500, 'Stream Errored (unknown)'), 'bad_session'],
    [boom(500, 'Stream Errored (ack)', { tag: 'ack', attrs: {} }), 'network'],
    [boom(500, 'Invalid account signature'), 'engine_error'],
    [boom(500, 'WebSocket Error (self-signed certificate)'), 'network'],
    [boom(403, 'WebSocket Error (Unexpected server response: 403)'), 'network'],
    [boom(408, 'WebSocket Error (proxy)', new ProxyFault(proxy, 'is dead')), 'proxy'],
    [boom(400, 'noise certificate signature invalid'), 'engine_error'],
    [new ProxyFault(proxy, 'is dead'), 'proxy'],
    [storageFailed('sqlite', 'is full'), 'storage'],
    [corruptAuth('default'), 'corrupt_auth'],
    [authRevoked('default'), 'closed'],
    [new TypeError('x is not a function'), 'engine_error'],
    [undefined, 'network'],
  ] as const)('%s is %s', (error, reason) => {
    expect(verdictOf(error).reason).toBe(reason);
  });

  it.each([
    ['3600', 3_600_000],
    ['0', undefined],
    ['-1', undefined],
    ['soon', undefined],
    [undefined, undefined],
  ])('says how long a ban for %s seconds lasts', (expire, lasts) => {
    expect(verdictOf(boom(402, 'Connection Failure', { reason: '402', expire })).lasts).toBe(lasts);
    expect(verdictOf(boom(403, 'Connection Failure', { reason: '403', expire })).lasts).toBeUndefined();
  });

  it('names a proxy without its credentials', () => {
    expect(verdictOf(new ProxyFault(proxy, 'is dead')).message).toBe('proxy http://10.0.0.1:3128 is dead');
  });
});
