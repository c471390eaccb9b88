import { describe, expect, it } from 'vitest';
import { mislabelled, sniff } from '../../../plugins/waha-api/file-kinds.ts';
import { vCardOf } from '../../../plugins/waha-api/vcards.ts';

describe('the first bytes of a file', () => {
  it.each([
    ['ffd8ffe0', 'image/jpeg'],
    ['52494646000000005745425056', 'image/webp'],
    ['00000020667479706d703432', 'video/mp4'],
    ['4f676753', 'audio/ogg'],
    [Buffer.from('\n<!DOCTYPE html>').toString('hex'), 'text/html'],
    ['00', undefined],
  ])('%s are of %s', (hex, mimetype) => {
    expect(sniff(Buffer.from(hex, 'hex'))).toBe(mimetype);
  });

  it('say when a file cannot be what it is sent as', () => {
    const [pdf, mp4] = [Buffer.from('%PDF-1.7'), Buffer.from('\0\0\0\x20ftypisom')];
    expect([mislabelled(pdf, 'image'), mislabelled(mp4, 'image')]).toEqual([expect.any(String), expect.any(String)]);
    expect([mislabelled(mp4, 'audio'), mislabelled(Buffer.from('?'), 'image')]).toEqual([null, null]);
  });
});

describe('a contact card', () => {
  it('is written from its facts, so that none of them ends a line', () => {
    const { name, vcard } = vCardOf({ fullName: 'Jo, "J"\nDoe', phoneNumber: '+49 1', organization: 'A;B' }, 0);
    expect(name).toBe('Jo, "J"\nDoe');
    expect(vcard.split('\n')).toEqual([
      'BEGIN:VCARD',
      'VERSION:3.0',
      'FN:Jo\\, "J"\\nDoe',
      'ORG:A\\;B;',
      'TEL;type=CELL;type=VOICE;waid=491:+49 1',
      'END:VCARD',
    ]);
  });

  it('of the client is taken as it is, and needs a name', () => {
    const vcard = 'BEGIN:VCARD\r\nVERSION:3.0\r\nFN;CHARSET=UTF-8:Kim\r\nEND:VCARD';
    expect(vCardOf({ vcard }, 0)).toEqual({ name: 'Kim', vcard });
    expect(() => vCardOf({ vcard: 'BEGIN:VCARD\nEND:VCARD' }, 3)).toThrow('contacts[3].vcard');
  });
});
