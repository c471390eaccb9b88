import { EventEmitter } from 'node:events';
import type { BinaryNode, WAMessage as RawMessage } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { kindOf } from '../../../../plugins/baileys/messages/content.ts';
import { watchDropped } from '../../../../plugins/baileys/repairs/dropped-messages.ts';

const creds = { me: { id: '4915100000001:2@s.whatsapp.net', lid: '771:2@lid' } };
const from = '4915200000001@s.whatsapp.net';
const stanza = (content: BinaryNode[], attrs: Record<string, string> = {}): BinaryNode => ({
  tag: 'message',
  attrs: { id: '3A01', from, t: '100', ...attrs },
  content,
});
const child = (tag: string, type: string): BinaryNode => ({ tag, attrs: { type } });

const watched = () => {
  const events = new EventEmitter();
  const buffered: RawMessage[] = [];
  const ev = {
    on: events.on.bind(events),
    flush: () => events.emit('messages.upsert', { messages: buffered.splice(0) }),
  };
  const dropped: [RawMessage, boolean][] = [];
  const handled = watchDropped({ ev } as never, { creds } as never, (raw, isSealed) => dropped.push([raw, isSealed]));
  return { events, buffered, dropped, handled };
};

describe('a message that Baileys acknowledged and did not hand out', () => {
  it.each([
    ['a picture to be seen once', 'view_once', true],
    ['the same in a fan-out', 'view_once_unavailable_fanout', true],
    ['an answer of a bot', 'bot_unavailable_fanout', undefined],
    ['a message of a hosted account', 'hosted_unavailable_fanout', undefined],
  ])('is told of as waited for when only the phone gets it: %s', (_, type, isViewOnce) => {
    const { dropped, handled } = watched();
    handled(stanza([child('unavailable', type)]));
    const [[raw, isSealed] = []] = dropped;
    expect([raw?.key.id, raw?.key.remoteJid, isSealed]).toEqual(['3A01', from, false]);
    expect((raw?.key as { isViewOnce?: boolean } | undefined)?.isViewOnce).toBe(isViewOnce);
    expect(raw && kindOf(raw)).toBe('waiting');
  });

  it('is known to have been sealed, and told of once', () => {
    const { dropped, handled } = watched();
    for (let times = 0; times < 2; times++) handled(stanza([child('enc', 'msmsg')]));
    expect(dropped.map(([, isSealed]) => isSealed)).toEqual([true]);
  });
});

it('what was handed out, or waits in the buffer of events, is not dropped', () => {
  const { events, buffered, dropped, handled } = watched();
  events.emit('messages.upsert', { messages: [{ key: { id: '3A01' } }] });
  handled(stanza([child('enc', 'msg')]));
  buffered.push({ key: { id: '3A02' } } as RawMessage);
  handled(stanza([child('enc', 'msg')], { id: '3A02' }));
  expect(dropped).toEqual([]);
});

it('what devices of one account tell each other, and what has no envelope, is left alone', () => {
  const { dropped, handled } = watched();
  handled(stanza([child('enc', 'msg')], { category: 'peer' }));
  handled(stanza([], { from: 'nowhere' }));
  expect(dropped).toEqual([]);
});
