import { expect, it } from 'vitest';
import { identityOf } from '../../../../plugins/baileys/messages/identity.ts';
import { messagePayload } from '../../../../plugins/baileys/messages/payload.ts';

it.each([
  ['491520@s.whatsapp.net', '77@lid', { id: '491520@c.us', lid: '77@lid', pn: '491520@c.us' }],
  ['77:3@lid', '491520:1@s.whatsapp.net', { id: '77@lid', lid: '77@lid', pn: '491520@c.us' }],
  ['77@lid', undefined, { id: '77@lid', lid: '77@lid', pn: null }],
  ['491520@c.us', null, { id: '491520@c.us', lid: null, pn: '491520@c.us' }],
])('%s, known as %s, is one person under both names', (jid, alt, expected) => {
  expect(identityOf(jid, alt)).toEqual({ ...expected, username: null });
  expect(identityOf(jid, alt, 'ann')).toEqual({ ...expected, username: 'ann' });
});

it.each(['12036300000@g.us', 'status@broadcast', '123@newsletter', '1@broadcast', '', undefined])(
  '%s is no person',
  (jid) => {
    expect(identityOf(jid)).toBeNull();
  },
);

it('a message says who wrote it: in a chat with one person, and in a group', () => {
  const message = { conversation: 'hi' };
  const alone = {
    remoteJid: '77@lid',
    remoteJidAlt: '491520@s.whatsapp.net',
    remoteJidUsername: 'ann',
    id: '1',
    fromMe: false,
  };
  const group = {
    remoteJid: '120363@g.us',
    participant: '77@lid',
    participantAlt: '491520@s.whatsapp.net',
    id: '1',
    fromMe: false,
  };
  const payload = (key: object) => messagePayload({ key, message } as never, { me: undefined, source: 'app' });
  const ann = { id: '77@lid', lid: '77@lid', pn: '491520@c.us' };
  expect(payload(alone)).toMatchObject({ fromIdentity: { ...ann, username: 'ann' } });
  expect(payload(group)).toMatchObject({ participantIdentity: { ...ann, username: null } });
  expect(payload(group)).not.toHaveProperty('fromIdentity');
});
