import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { HeardPresences } from '../../../../plugins/baileys/inbound/presences.ts';

const person = '5511988887777@s.whatsapp.net';
const other = '5511977776666@s.whatsapp.net';
const group = '120363000000000001@g.us';

const start = () => {
  const ev = new EventEmitter();
  let now = 1_000;
  const heard = new HeardPresences({ ev } as never, () => now);
  const hear = (id: string, participant: string, lastKnownPresence: string) =>
    ev.emit('presence.update', { id, presences: { [participant]: { lastKnownPresence } } });
  const write = (key: object) => ev.emit('messages.upsert', { messages: [{ key }], type: 'notify' });
  const states = (chatId: string) => heard.of(chatId)?.presences.map((one) => one.lastKnownPresence);
  const pass = (ms: number) => {
    now += ms;
  };
  return { hear, write, states, pass };
};

describe('somebody who types', () => {
  it.each(['composing', 'recording'])('does not go on (%s) once the message came', (state) => {
    const { hear, write, states } = start();
    hear(person, person, state);
    write({ remoteJid: person, fromMe: false });
    expect(states('5511988887777@c.us')).toEqual(['paused']);
  });

  it('has stopped under the other name, too', () => {
    const { hear, write, states } = start();
    hear('1001@lid', '1001@lid', 'composing');
    write({ remoteJid: person, remoteJidAlt: '1001@lid', fromMe: false });
    expect(states('1001@lid')).toEqual(['paused']);
  });

  it('in a group goes on when somebody else wrote, or we did', () => {
    const { hear, write, states } = start();
    hear(group, person, 'composing');
    hear(group, other, 'composing');
    write({ remoteJid: group, participant: person, fromMe: true });
    write({ remoteJid: group, participant: other, fromMe: false });
    expect(states(group)).toEqual(['typing', 'paused']);
  });

  it('and says no more of it has stopped', () => {
    const { hear, states, pass } = start();
    hear(person, person, 'composing');
    pass(20_000);
    expect(states('5511988887777@c.us')).toEqual(['typing']);
    pass(6_000);
    expect(states('5511988887777@c.us')).toEqual(['paused']);
  });

  it('leaves who is online as they are', () => {
    const { hear, write, states } = start();
    hear(person, person, 'available');
    write({ remoteJid: person, fromMe: false });
    expect(states('5511988887777@c.us')).toEqual(['online']);
  });
});
