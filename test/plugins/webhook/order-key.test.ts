import { expect, it } from 'vitest';
import type { RuntimeEvent } from '../../../core/index.ts';
import { orderKey } from '../../../plugins/webhook/endpoints/order-key.ts';

const chat = '111@c.us';
const key = (payload: object) => orderKey({ session: 'ana', payload } as unknown as RuntimeEvent, 'chat');

it('puts everything about a chat into one line', () => {
  const payloads: object[] = [
    { from: chat, to: '999@c.us', fromMe: false },
    { from: '999@c.us', to: chat, fromMe: true },
    { from: chat },
    { chatId: chat },
    { id: chat, presences: [] },
    { id: chat, archived: true, timestamp: 1 },
    { after: { from: chat, to: '999@c.us', fromMe: false }, before: null },
    { vote: { from: chat, to: '999@c.us', fromMe: false }, poll: { from: '999@c.us', to: chat, fromMe: true } },
  ];
  expect(new Set(payloads.map(key))).toEqual(new Set(['ana 111@c.us']));
  expect(key({ name: 'default', status: 'WORKING' })).toBe('ana ');
});
