import { Boom } from '@hapi/boom';
import { describe, expect, it } from 'vitest';
import { Requests } from '../../../../plugins/baileys/socket/requests.ts';
import type { BaileysSocket } from '../../../../plugins/baileys/socket/socket.ts';

const requests = new Requests('shop', {} as BaileysSocket);
const failing = (error: unknown) => requests.call('the change', () => Promise.reject(error));
const system = (code: string) => Object.assign(new Error(`read ${code}`), { code, syscall: 'read' });

describe('a call to WhatsApp that fails', () => {
  it.each([
    1006,
    1000,
    system('ECONNRESET'),
    system('EPIPE'),
    system('ETIMEDOUT'),
    Object.assign(new RangeError('Invalid WebSocket frame'), { code: 'WS_ERR_INVALID_OPCODE' }),
    new Error('WebSocket was closed before the connection was established'),
    new Boom('Connection Closed', { statusCode: 428 }),
    new Boom('Timed Out', { statusCode: 408 }),
  ])('because the connection ended says so: %s', async (error) => {
    await expect(failing(error)).rejects.toMatchObject({ code: 'CONNECTION_LOST', status: 503 });
  });

  it.each([
    [new Boom('forbidden', { data: 403 }), 'WhatsApp refused the change (error 403)'],
    [new Error('no'), 'WhatsApp refused the change: no'],
    [Object.assign(new TypeError('wrong'), { code: 'ERR_INVALID_ARG_TYPE' }), 'WhatsApp refused the change: wrong'],
    ['a text', 'WhatsApp refused the change: a text'],
    [undefined, 'WhatsApp refused the change: undefined'],
  ])('because WhatsApp refuses says that: %s', async (error, message) => {
    await expect(failing(error)).rejects.toMatchObject({ code: 'WHATSAPP_REFUSED', message });
  });
});
