import { expect, it } from 'vitest';
import { tellEngineEvents } from '../../../../plugins/baileys/inbound/engine-events.ts';

type Parts = Parameters<typeof tellEngineEvents>;

const make = () => {
  const told: [string, Record<string, unknown>][] = [];
  const state = { wanted: false, asked: 0, now: 0 };
  let process: (events: object) => void = () => undefined;
  let connection: (update: object) => void = () => undefined;
  const ev = {
    process: (handler: typeof process) => {
      process = handler;
    },
    on: (_: string, handler: typeof connection) => {
      connection = handler;
    },
  };
  const publish = async (name: string, payload: Record<string, unknown>) => void told.push([name, payload]);
  const options = {
    publisher: { publish },
    tell: (fact: { publish(): Promise<void> }) => void fact.publish(),
    now: () => state.now,
    wanted: () => {
      state.asked += 1;
      return state.wanted;
    },
  };
  tellEngineEvents({ ev } as unknown as Parts[0], options as unknown as Parts[1]);
  const say = (events: Record<string, unknown>) => {
    if (events['connection.update']) connection(events['connection.update']);
    process(events);
  };
  return { told, state, say };
};

it('says nothing while nobody asks, and asks whether somebody does four times a second at most', () => {
  const { told, state, say } = make();
  for (let i = 0; i < 100; i++) say({ 'messages.update': [] });
  expect([told, state.asked]).toEqual([[], 1]);
  state.wanted = true;
  state.now = 249;
  say({ 'messages.update': [] });
  state.now = 250;
  say({ 'messages.update': [{ key: { id: 'A' }, update: { status: 3 } }] });
  expect(told).toEqual([
    ['engine.event', { event: 'messages.update', data: [{ key: { id: 'A' }, update: { status: 3 } }] }],
  ]);
});

it('leaves out credentials, keys, codes to link with and what is too large', () => {
  const { told, state, say } = make();
  state.wanted = true;
  say({ 'creds.update': { noiseKey: { private: new Uint8Array(32) } } });
  say({ 'connection.update': { qr: 'https://wa.me/secret' } });
  say({
    'connection.update': { connection: 'close', lastDisconnect: { error: new Error('gone'), date: new Date(0) } },
  });
  const keys = {
    senderKeyDistributionMessage: { groupId: 'g' },
    protocolMessage: { appStateSyncKeyShare: { keys: [1] } },
  };
  say({
    'messages.upsert': { messages: [{ key: { id: 'B' }, message: { conversation: 'hi', ...keys } }], type: 'notify' },
  });
  say({ 'messaging-history.set': { chats: [1], contacts: [1, 2], messages: [], isLatest: true } });
  say({ 'contacts.upsert': [{ id: 'x', name: 'y'.repeat(300_000) }] });
  const close = { connection: 'close', lastDisconnect: { date: '1970-01-01T00:00:00.000Z', error: 'gone' } };
  expect(told).toEqual([
    ['engine.event', { event: 'connection.update', data: {} }],
    ['state.change', close],
    ['engine.event', { event: 'connection.update', data: close }],
    [
      'engine.event',
      {
        event: 'messages.upsert',
        data: {
          messages: [{ key: { id: 'B' }, message: { conversation: 'hi', protocolMessage: {} } }],
          type: 'notify',
        },
      },
    ],
    [
      'engine.event',
      {
        event: 'messaging-history.set',
        data: expect.objectContaining({ chats: 1, contacts: 2, messages: 0, isLatest: true }),
      },
    ],
    ['engine.event', { event: 'contacts.upsert', data: { leftOut: expect.stringMatching(/^3\d{5} bytes$/) } }],
  ]);
});
