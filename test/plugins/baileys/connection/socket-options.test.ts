import { describe, expect, it } from 'vitest';
import { browserOf, isIgnored } from '../../../../plugins/baileys/connection/socket-options.ts';
import { pluginConfig } from '../session.ts';

describe('a session config', () => {
  it('filters kinds of chats at the source', () => {
    const config = { ignore: { status: true, groups: true, channels: null, broadcast: false } };
    const verdicts = ['status@broadcast', '1234567@g.us', '123@newsletter', '99@broadcast', '4915112345678@c.us'];
    expect(verdicts.map((jid) => isIgnored(config, jid))).toEqual([true, true, false, false, false]);
  });

  it('names the device as it shows under Linked devices', () => {
    expect(browserOf({}, pluginConfig()).slice(0, 2)).toEqual(['Mac OS', 'Chrome']);
    expect(browserOf({ client: { deviceName: 'Desk', browserName: 'Edge' } }, pluginConfig()).slice(0, 2)).toEqual([
      'Desk',
      'Edge',
    ]);
  });
});
