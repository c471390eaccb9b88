import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { BaileysAddressBook } from '../../../../plugins/baileys/client/address-book.ts';
import { BaileysCalls } from '../../../../plugins/baileys/client/calls.ts';
import { BaileysPictures } from '../../../../plugins/baileys/client/pictures.ts';
import { BaileysProfile } from '../../../../plugins/baileys/client/profile.ts';
import { jidOf } from '../../../../plugins/baileys/messages/ids.ts';
import { Requests } from '../../../../plugins/baileys/socket/requests.ts';
import type { BaileysSocket } from '../../../../plugins/baileys/socket/socket.ts';

const numbers = { jidOf: async (id: string, field?: string) => jidOf(id, field) };
const DAY = 24 * 60 * 60 * 1000;

/** A socket as Baileys is when the time of a query is up: it resolves with nothing. */
const make = (more: object = {}) => {
  const ev = new EventEmitter();
  const lidMapping = {
    getLIDsForPNs: async (numbers: readonly string[]) => numbers.map((pn) => ({ pn, lid: '9@lid' })),
    getLIDForPN: async () => '9@lid',
    getPNForLID: async () => undefined,
  };
  const silence = {
    query: async () => undefined,
    fetchStatus: async () => undefined,
    profilePictureUrl: async () => undefined,
  };
  const sock = {
    ...silence,
    ev,
    authState: { creds: {} },
    signalRepository: { lidMapping },
    ...more,
  } as unknown as BaileysSocket;
  const requests = new Requests('default', sock);
  const clock = { now: 0 };
  return {
    ev,
    requests,
    clock,
    pictures: new BaileysPictures(sock, {
      requests,
      numbers,
      names: { of: async () => '99999@lid' },
      now: () => clock.now,
    }),
  };
};
const silent = { code: 'UNAVAILABLE', status: 503 };

describe('when WhatsApp does not answer', () => {
  it('nothing is taken for done', async () => {
    const { requests, pictures } = make();
    const me = () => ({ id: '1234567@c.us', jid: '1234567@s.whatsapp.net', pushName: 'x' });
    const profile = new BaileysProfile({
      session: 'default',
      requests,
      pictures,
      people: { of: async () => null },
      me,
    });
    const book = new BaileysAddressBook(requests, {} as never, numbers);
    const offer = { id: 'C', from: '7654321@s.whatsapp.net' };
    const incoming = { find: () => ({ offer, state: 'ringing' }), rejected: () => expect.fail('it was not rejected') };
    const calls = new BaileysCalls({ requests, incoming, numbers, names: { of: async () => undefined } } as never);
    await expect(profile.setAbout('x')).rejects.toMatchObject(silent);
    await expect(profile.removePicture()).rejects.toMatchObject(silent);
    await expect(book.block('7654321', true)).rejects.toMatchObject(silent);
    await expect(book.about('7654321')).rejects.toMatchObject(silent);
    await expect(calls.reject({ from: '7654321', id: 'C' })).rejects.toMatchObject(silent);
  });
});

describe('pictures', () => {
  const counted = () => {
    const asked: string[] = [];
    const answers: (string | undefined | Error)[] = [];
    const profilePictureUrl = async (jid: string) => {
      asked.push(jid);
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    };
    return { ...make({ profilePictureUrl }), asked, answers };
  };

  it('are asked for once a day, when asked to refresh, and when WhatsApp says that one changed', async () => {
    const { pictures, ev, clock, asked, answers } = counted();
    answers.push('u1', 'u2', 'u3', 'u4');
    const urls = [
      await pictures.urlOf('7654321'),
      await pictures.urlOf('7654321@c.us'),
      await pictures.urlOf('7654321', true),
    ];
    clock.now = DAY - 1;
    urls.push(await pictures.urlOf('7654321'));
    clock.now = DAY;
    urls.push(await pictures.urlOf('7654321'));
    ev.emit('contacts.update', [{ id: '7654321@s.whatsapp.net', imgUrl: 'changed' }]);
    urls.push(await pictures.urlOf('7654321'));
    expect(urls).toEqual(['u1', 'u1', 'u2', 'u2', 'u3', 'u4']);
    expect(asked).toHaveLength(4);
  });

  it('that there are none of are remembered, too; silence is not, and other refusals are told', async () => {
    const { pictures, asked, answers } = counted();
    const refused = (data: number) => Object.assign(new Error('refused'), { data });
    answers.push(undefined, refused(404), refused(429));
    expect([await pictures.urlOf('1234567'), await pictures.urlOf('1234567'), await pictures.urlOf('1234567')]).toEqual(
      [null, null, null],
    );
    expect(asked).toHaveLength(2);
    await expect(pictures.urlOf('7654321')).rejects.toMatchObject({
      code: 'WHATSAPP_REFUSED',
      details: { body: { code: 429 } },
    });
  });
});
