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
});
