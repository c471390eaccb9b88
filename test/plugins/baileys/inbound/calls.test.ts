import { EventEmitter } from 'node:events';
import type { WACallEvent } from '@whiskeysockets/baileys';
import { expect, it } from 'vitest';
import { IncomingCalls } from '../../../../plugins/baileys/inbound/calls.ts';

type Parts = ConstructorParameters<typeof IncomingCalls>;

const make = () => {
  const [ws, ev] = [new EventEmitter(), new EventEmitter()];
  const told: [string, Record<string, unknown>, string | undefined][] = [];
  let work = Promise.resolve();
  const publisher = {
    me: { id: '559@c.us', lid: '95@lid', jid: '559:1@s.whatsapp.net', pushName: '' },
    publish: async (name: string, payload: object, { identity }: { identity?: string }) =>
      void told.push([name, payload as Record<string, unknown>, identity]),
  };
  const names = { of: async (jid: string) => (jid.startsWith('551') ? '9@lid' : undefined) };
  const tell = (fact: { prepared: Promise<unknown>; publish(): Promise<void> }) => {
    work = work.then(async () => {
      await fact.prepared;
      await fact.publish();
    });
  };
  const calls = new IncomingCalls({ ws, ev } as unknown as Parts[0], { publisher, names, tell } as unknown as Parts[1]);
  const hear = (status: WACallEvent['status'], more: Partial<WACallEvent> = {}, reason?: string) => {
    ws.emit('CB:call', { tag: 'call', attrs: {}, content: [{ tag: status, attrs: { 'call-id': 'C1', reason } }] });
    ev.emit('call', [
      {
        id: 'C1',
        from: '551@s.whatsapp.net',
        chatId: '551@s.whatsapp.net',
        date: new Date(5000),
        status,
        offline: false,
        ...more,
      },
    ]);
  };
  return {
    ev,
    calls,
    hear,
    told: () => work.then(() => told.map(([name]) => name)),
    all: () => work.then(() => told),
  };
};

it('tells of a call once, however often WhatsApp offers it', async () => {
  const { hear, told, all } = make();
  hear('offer', { isVideo: true });
  hear('offer', { isVideo: true });
  hear('ringing');
  hear('preaccept');
  expect(await told()).toEqual(['call.received']);
  const [first] = await all();
  expect(first).toEqual([
    'call.received',
    expect.objectContaining({
      id: 'C1',
      from: '551@c.us',
      fromAlt: '9@lid',
      timestamp: 5,
      isVideo: true,
      isGroup: false,
    }),
    'call:C1:call.received',
  ]);
});

it('knows two transport to hear that somebody answered', async () => {
  for (const [status, reason] of [
    ['accept', undefined],
    ['terminate', 'accepted_elsewhere'],
  ] as const) {
    const { hear, told, calls } = make();
    hear('offer');
    hear(status, {}, reason);
    expect(calls.find('C1')?.state).toBe('accepted');
    hear('terminate', {}, 'hangup');
    expect(await told()).toEqual(['call.received', 'call.accepted']);
  }
});

it('tells of the end of a call whose beginning it missed', async () => {
  const { hear, told } = make();
  hear('timeout');
  hear('timeout');
  expect(await told()).toEqual(['call.rejected']);
});

it('passes on who is behind a hidden id', async () => {
  const { ev, hear, all } = make();
  const pairs: unknown[] = [];
  ev.on('lid-mapping.update', (pair) => pairs.push(pair));
  hear('offer', { from: '77551@lid', callerPn: '551@s.whatsapp.net' });
  expect(pairs).toEqual([{ lid: '77551@lid', pn: '551@s.whatsapp.net' }]);
  const [[, payload] = []] = await all();
  expect(payload).toMatchObject({ from: '77551@lid', fromAlt: '551@c.us' });
});

it('says nothing of calls that the phone makes', async () => {
  const { hear, told } = make();
  hear('offer', { from: '559@s.whatsapp.net' });
  hear('terminate', { from: '95:3@lid' });
  expect(await told()).toEqual([]);
});
