import { describe, expect, it } from 'vitest';
import { vCardOf } from '../../../../plugins/waha-api/chatting/vcards.ts';

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

  it.each([
    ['folded lines', 'FN:Ann\r\n  Smith', 'Ann Smith'],
    ['a group', 'item1.FN:Ann', 'Ann'],
    ['escapes', 'FN:Smith\\, Ann', 'Smith, Ann'],
    ['a name in parts only', 'N:Smith;Ann;;;', 'Ann Smith'],
    ['a name in all its parts', 'N:Smith;Ann;Mary,Jo;Dr.;PhD', 'Dr. Ann Mary Jo Smith PhD'],
    ['an empty whole name', 'FN:\r\nN:Smith;Ann;;;', 'Ann Smith'],
    ['escaped semicolons', 'FN:Smith\\; Ann', 'Smith; Ann'],
    [
      'vCard 2.1, where parameters have no names',
      'TEL;CELL;PREF:1\r\nFN;QUOTED-PRINTABLE;CHARSET=ISO-8859-1:Jos=E9',
      'José',
    ],
    [
      'vCard 2.1, quoted in parts',
      'N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=9F;=\r\n=D0=98;;;\r\nTEL;CELL:1',
      'И П',
    ],
    ['vCard 4.0', 'TEL;VALUE=uri;TYPE="voice,cell";PREF=1:tel:+1-555\r\nFN;ALTID=1;LANGUAGE=ja:山田', '山田'],
    ['a line that nobody can read', 'broken\r\n;;:\r\nFN:Ann', 'Ann'],
    ['a note that ends in an equals sign', 'NOTE:QUOTED-PRINTABLE is a=\r\nFN:Ann', 'Ann'],
    ['a card inside', 'FN:Ann\r\nAGENT:\r\nBEGIN:VCARD\r\nFN:Bo\r\nEND:VCARD', 'Ann'],
    ['a picture', 'PHOTO;JPEG;ENCODING=BASE64:\r\n /9j/4AAQ\r\n SkZJRg==\r\n\r\nFN:Ann', 'Ann'],
    ['vCard 2.1, quoted', 'FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=90=D0=BD=\r\n=D0=BD=D0=B0', 'Анна'],
    ['lower-case names', 'fn:Ann', 'Ann'],
  ])('has its name found in spite of %s', (_, line, name) => {
    for (const end of ['\r\n', '\n']) {
      const vcard = `BEGIN:VCARD\r\nVERSION:3.0\r\n${line}\r\nTEL:1\r\nEND:VCARD\r\n`.replaceAll('\r\n', end);
      expect(vCardOf({ vcard }, 0)).toEqual({ name, vcard });
    }
  });

  it.each([
    'FN:Ann',
    'BEGIN:VCALENDAR\nFN:Ann\nEND:VCALENDAR',
    'BEGIN:VCARD\nFN:Ann',
    'BEGIN:VCARD\nFN:Ann\nEND:VCARD\n\nBEGIN:VCARD\nFN:Bo\nEND:VCARD',
  ])('that is none, or more than one, is refused: %j', (vcard) => {
    expect(() => vCardOf({ vcard }, 0)).toThrow('contacts[0].vcard');
  });
});
