import type { WAMessage as RawMessage } from '@whiskeysockets/baileys';
import { expect, it } from 'vitest';
import { IgnoredMessages } from '../../../../plugins/baileys/inbound/ignored.ts';
import { recordingLog } from '../../../support/log.ts';

const message = (content: object): RawMessage =>
  ({ key: { id: '3A01', remoteJid: '4915200000001@s.whatsapp.net' }, message: content }) as RawMessage;

it('what has no event is counted by its type and why, and logged', () => {
  const ignored = new IgnoredMessages();
  const log = recordingLog();
  ignored.add(message({ pinInChatMessage: {} }), 'note', log);
  ignored.add(message({ pinInChatMessage: {} }), 'note', log);
  ignored.add(message({ protocolMessage: { type: 14 } }), 'refused', log);
  ignored.add(message({ protocolMessage: { type: 3 } }), 'internal', log);
  ignored.add(message({}), 'unknown', log);
  const counts = ignored
    .collect()
    .map(({ name, labels, value }) => [name, labels?.['reason'], labels?.['type'], value]);
  const total = 'waha_messages_ignored_total';
  expect(counts).toEqual([
    [total, 'note', 'pinInChatMessage', 2],
    [total, 'refused', 'protocolMessage.MESSAGE_EDIT', 1],
    [total, 'internal', 'protocolMessage.EPHEMERAL_SETTING', 1],
    [total, 'unknown', 'nothing', 1],
  ]);
  expect(log.lines.map(({ level }) => level)).toEqual(['debug', 'debug', 'warn', 'debug', 'warn']);
});
