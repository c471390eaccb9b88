import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { apiKey, serveEvents } from './serve-events.ts';

const asProtocol = (key: string): string => `waha.key.${Buffer.from(key).toString('base64url')}`;

describe('a client that sends its key as a subprotocol', () => {
  it.each([
    ['first', [asProtocol(apiKey), 'waha.events']],
    ['last', ['waha.events', asProtocol(apiKey)]],
  ])('gets events, and the other subprotocol as the answer (key %s)', async (_, protocols) => {
    const { url, publish } = await serveEvents();
    const socket = new WebSocket(url('events=message'), protocols);
    const upgraded = once(socket, 'upgrade');
    await once(socket, 'open');
    expect(socket.protocol).toBe('waha.events');
    const [{ rawHeaders }] = await upgraded;
    expect(rawHeaders.join()).not.toContain('waha.key');
    const came = once(socket, 'message');
    await publish('message');
    expect(JSON.parse(String((await came)[0]))).toMatchObject({ event: 'message', session: 'ana' });
    socket.terminate();
  });

  it('is told nothing of a subprotocol that it did not offer', async () => {
    const { url } = await serveEvents();
    const socket = new WebSocket(url(), [], { headers: { 'x-api-key': apiKey } });
    await once(socket, 'open');
    expect(socket.protocol).toBe('');
    socket.terminate();
  });

  it('keeps getting what it asked for when it offers subprotocols of its own', async () => {
    const { url } = await serveEvents();
    const socket = new WebSocket(url(), ['mine', 'other'], { headers: { 'x-api-key': apiKey } });
    await once(socket, 'open');
    expect(socket.protocol).toBe('mine');
    socket.terminate();
  });
});
