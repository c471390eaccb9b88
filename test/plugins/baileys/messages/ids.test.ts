import { describe, expect, it } from 'vitest';
import { chatIdOf, digitsOf, jidOf, messageIdOf, readMessageId } from '../../../../plugins/baileys/messages/ids.ts';

describe('chat ids', () => {
  it.each([
    ['4915112345678', '4915112345678@s.whatsapp.net'],
    ['+49 151 12345678', '4915112345678@s.whatsapp.net'],
    ['4915112345678@c.us', '4915112345678@s.whatsapp.net'],
    ['4915112345678@s.whatsapp.net', '4915112345678@s.whatsapp.net'],
    ['4915112345678:12@s.whatsapp.net', '4915112345678@s.whatsapp.net'],
    ['123456789@lid', '123456789@lid'],
    ['120363025246125486@g.us', '120363025246125486@g.us'],
    ['4915112345678-1532614920@g.us', '4915112345678-1532614920@g.us'],
    ['120363144038483540@newsletter', '120363144038483540@newsletter'],
    ['status@broadcast', 'status@broadcast'],
    // Whose it is WhatsApp says.
    ['jane.doe', 'jane.doe@username'],
    ['@Jane_Doe7', 'jane_doe7@username'],
  ])('%s is taken', (chatId, jid) => {
    expect(jidOf(chatId)).toBe(jid);
  });

  it.each([
    '',
    'no',
    'no body',
    'undefined',
    '012@c.us',
    'a@b@c',
    'x@g.us',
    '4915112345678@example.org',
    '@lid',
    '@c.us',
    '@g.us',
    '@',
  ])('"%s" is refused, and the field is named', (chatId) => {
    expect(() => jidOf(chatId, 'to')).toThrow(/^to must be/);
  });

  it.each([
    ['4915112345678:3@s.whatsapp.net', '4915112345678@c.us'],
    ['123:7@lid', '123@lid'],
    ['120363025246125486@g.us', '120363025246125486@g.us'],
    ['status@broadcast', 'status@broadcast'],
    ['4915112345678@hosted', '4915112345678@c.us'],
  ])('%s is shown as %s', (jid, chatId) => {
    expect(chatIdOf(jid)).toBe(chatId);
  });
});

describe('every id that events carry', () => {
  it.each([
    '0@s.whatsapp.net',
    '5511988887777:12@s.whatsapp.net',
    '1001:3@lid',
    '5511988887777@hosted',
    '1001@hosted.lid',
    '120363000000000001@g.us',
    '5511988887777-1600000000@g.us',
    '120363000000000009@newsletter',
    'status@broadcast',
    '1600000000@broadcast',
    '867051314767696@bot',
    '4-1234567@interop',
    '100000000000001@msgr',
    '1@hosted',
    '1@hosted.lid',
    'A1B2C3@call',
  ])('%s is taken back', (jid) => {
    const id = chatIdOf(jid);
    // As events name it, and as it comes from WhatsApp.
    for (const given of [id, jid]) expect(chatIdOf(jidOf(given))).toBe(id);
    const message = messageIdOf({ id: '3EB0', remoteJid: jid, fromMe: false, participant: jid }, undefined);
    expect(readMessageId(message, 'messageId')).toMatchObject({ id: '3EB0', chatId: id });
  });
});

describe('message ids', () => {
  const me = '4915100000001@c.us';

  it('hold the author in groups only, and ourselves as the author of what is ours', () => {
    const group = '120363025246125486@g.us';
    const bob = '4915112345678:3@s.whatsapp.net';
    expect(messageIdOf({ id: 'A1', remoteJid: bob, fromMe: false }, me)).toBe('false_4915112345678@c.us_A1');
    expect(messageIdOf({ id: 'A1', remoteJid: group, fromMe: false, participant: bob }, me)).toBe(
      `false_${group}_A1_4915112345678@c.us`,
    );
    expect(messageIdOf({ id: 'A1', remoteJid: group, fromMe: true }, me)).toBe(`true_${group}_A1_${me}`);
  });

  it('are read in full and bare', () => {
    expect(readMessageId('3EB0ABC', 'id')).toEqual({ id: '3EB0ABC' });
    expect(readMessageId('true_4915112345678@c.us_3EB0ABC', 'id')).toEqual({
      id: '3EB0ABC',
      fromMe: true,
      chatId: '4915112345678@c.us',
    });
    expect(readMessageId('false_120363025246125486@g.us_A1_123@lid', 'id').participant).toBe('123@lid');
    for (const wrong of ['', 'a_b', 'maybe_4915112345678@c.us_A1', 'true_x_A1']) {
      expect(() => readMessageId(wrong, 'messageId')).toThrow(/messageId/);
    }
  });
});

describe('phone numbers', () => {
  it('lose their decoration, and must have a country code', () => {
    expect(digitsOf('+49 (151) 123-456.78')).toBe('4915112345678');
    for (const wrong of ['', '0151123456', 'abc', '123', '1234567890123456789']) {
      expect(() => digitsOf(wrong)).toThrow(/phoneNumber/);
    }
  });
});
