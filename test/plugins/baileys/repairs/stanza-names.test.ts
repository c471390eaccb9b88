import { EventEmitter } from 'node:events';
import { beforeEach, describe, expect, it } from 'vitest';
import { announceWhatIsHeard } from '../../../../plugins/baileys/repairs/stanza-names.ts';

interface Stanza {
  readonly tag: string;
  readonly attrs: Readonly<Record<string, string>>;
  readonly content?: readonly { readonly tag: string }[];
}

/** The names under which Baileys announces a stanza, as `onMessageReceived` in its `socket.js` makes them. */
const announce = (client: EventEmitter, stanza: Stanza): boolean => {
  const { tag, attrs, content } = stanza;
  const child = content?.[0]?.tag ?? '';
  const names = Object.keys(attrs).flatMap((key) => [
    `CB:${tag},${key}:${attrs[key]},${child}`,
    `CB:${tag},${key}:${attrs[key]}`,
    `CB:${tag},${key}`,
  ]);
  const all = ['frame', `TAG:${attrs['id']}`, ...names, `CB:${tag},,${child}`, `CB:${tag}`];
  return all.map((name) => client.emit(name, stanza)).includes(true);
};

const message: Stanza = {
  tag: 'message',
  attrs: { from: '7755@lid', id: '3EB0AA', type: 'text', t: '1', notify: 'Ann' },
  content: [{ tag: 'enc' }],
};
const pairing: Stanza = { tag: 'iq', attrs: { id: '7', type: 'set' }, content: [{ tag: 'pair-device' }] };
const answer: Stanza = { tag: 'iq', attrs: { id: 'q.1', type: 'result' } };
const offline: Stanza = { tag: 'ib', attrs: { from: 's.whatsapp.net' }, content: [{ tag: 'offline' }] };
const ack: Stanza = { tag: 'ack', attrs: { id: '9', class: 'message', from: '7755@lid' } };
const unheard: Stanza = { tag: 'presence', attrs: { from: '7755@lid' } };

describe('stanzas that are announced where they are heard', () => {
  let client: EventEmitter;
  let heard: string[];
  const listenTo = (name: string): void => {
    client.on(name, ({ tag }: Stanza) => heard.push(`${name} <- ${tag}`));
  };
  beforeEach(() => {
    client = new EventEmitter();
    heard = [];
    for (const name of ['CB:message', 'CB:iq,type:set,pair-device', 'CB:ib,,offline', 'CB:ack,class:message'])
      listenTo(name);
    announceWhatIsHeard(client);
  });

  it('reach whoever listens, under every form of name', () => {
    client.once('TAG:q.1', ({ tag }: Stanza) => heard.push(`answer <- ${tag}`));
    const told = [message, pairing, answer, offline, ack].map((stanza) => announce(client, stanza));
    expect(told).toEqual([true, true, true, true, true]);
    expect(heard).toEqual([
      'CB:message <- message',
      'CB:iq,type:set,pair-device <- iq',
      'answer <- iq',
      'CB:ib,,offline <- ib',
      'CB:ack,class:message <- ack',
    ]);
  });

  it('reach who comes later, too', () => {
    expect(announce(client, unheard)).toBe(false);
    listenTo('CB:presence,from');
    listenTo('frame');
    announce(client, unheard);
    expect(heard).toEqual(['frame <- presence', 'CB:presence,from <- presence']);
  });

  it('are not announced under names that nobody listens to', () => {
    const emitted: unknown[] = [];
    const spied = new EventEmitter();
    spied.on('CB:message', () => undefined);
    const original = spied.emit.bind(spied);
    spied.emit = (name, ...args) => {
      emitted.push(name);
      return original(name, ...args);
    };
    announceWhatIsHeard(spied);
    announce(spied, message);
    expect(emitted).toEqual(['frame', 'TAG:3EB0AA', 'CB:message']);
  });

  it('leave every other event as it is', () => {
    listenTo('error');
    announce(client, message);
    client.emit('error', { tag: 'late' });
    client.emit('close');
    expect(heard).toEqual(['CB:message <- message', 'error <- late']);
  });
});
