import { generateForwardMessageContent, proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { contentTypes } from '../../../../plugins/baileys/messages/content-types.ts';
import { forwardable, peopleIn, rename, setExpiration } from '../../../../plugins/baileys/messages/outgoing.ts';

const [pn, lid] = ['4915200000001@s.whatsapp.net', '771@lid'];
const names = new Map([
  [pn, lid],
  [lid, lid],
]);
const context = () => ({ mentionedJid: [pn], participant: pn, stanzaId: 'A' });

describe('people whom a message names', () => {
  it.each([
    ['a text', { extendedTextMessage: { text: '@4915200000001', contextInfo: context() } }],
    ['a caption', { imageMessage: { caption: '@4915200000001', contextInfo: context() } }],
    ['a poll', { pollCreationMessageV3: { name: 'x', contextInfo: context() } }],
    [
      'a wrapper',
      { ephemeralMessage: { message: { imageMessage: { caption: '@4915200000001', contextInfo: context() } } } },
    ],
    [
      'an edit',
      {
        protocolMessage: {
          type: 14,
          editedMessage: { imageMessage: { caption: '@4915200000001', contextInfo: context() } },
        },
      },
    ],
  ] as [string, object][])('are found and renamed in %s', (_, message) => {
    const copy = structuredClone(message) as object;
    expect(peopleIn(copy)).toEqual([pn]);
    rename(copy, names);
    expect(peopleIn(copy)).toEqual([lid]);
    expect(JSON.stringify(copy)).not.toContain('4915200000001');
  });

  it.each([
    { reactionMessage: { key: { id: 'A', participant: pn } } },
    { protocolMessage: { type: 0, key: { id: 'A', participant: pn } } },
    { pinInChatMessage: { key: { id: 'A', participant: pn } } },
    { keepInChatMessage: { key: { id: 'A', participant: pn } } },
    { pollUpdateMessage: { pollCreationMessageKey: { id: 'A', participant: pn } } },
  ])('are the authors of what it is about: %j', (message) => {
    expect(peopleIn(message)).toEqual([pn]);
    rename(message, names);
    expect(peopleIn(message)).toEqual([lid]);
  });

  it('keep a name that nobody knows otherwise', () => {
    const message = { extendedTextMessage: { text: '@1', contextInfo: { mentionedJid: ['1@s.whatsapp.net'] } } };
    rename(message, names);
    expect(message.extendedTextMessage).toEqual({ text: '@1', contextInfo: { mentionedJid: ['1@s.whatsapp.net'] } });
  });
});

it('an expiration is set beside what is there, and taken off a message from another chat', () => {
  const message = { extendedTextMessage: { text: 'x', contextInfo: { stanzaId: 'A', expiration: 60 } } };
  setExpiration(message, 3600);
  expect(message.extendedTextMessage.contextInfo).toEqual({ stanzaId: 'A', expiration: 3600 });
  setExpiration(message, 0);
  expect(message.extendedTextMessage.contextInfo).toEqual({ stanzaId: 'A', expiration: null });
});

it('what is handed on of a message is its content, without wrappers, secret and keys', () => {
  const stickerMessage = { mimetype: 'application/was' };
  const received = {
    senderKeyDistributionMessage: { groupId: 'g' },
    messageContextInfo: { messageSecret: new Uint8Array(32) },
    lottieStickerMessage: { message: { stickerMessage, messageContextInfo: { messageSecret: new Uint8Array(32) } } },
  };
  expect(forwardable(received)).toEqual({ stickerMessage });
  expect(forwardable({ senderKeyDistributionMessage: {}, imageMessage: { caption: 'x' } })).toEqual({
    imageMessage: { caption: 'x' },
  });
});

describe('what is forwarded carries the mark', () => {
  const contents = Object.entries(contentTypes).flatMap(([name, { as }]) => (as === 'content' ? [name] : []));
  const samples: Record<string, object | string> = {
    conversation: 'hi',
    highlyStructuredMessage: { hydratedHsm: { hydratedTemplate: { hydratedContentText: 'hi' } } },
    questionResponseMessage: { text: 'hi' },
    statusQuestionAnswerMessage: { text: 'hi' },
    statusQuotedMessage: { text: 'hi' },
    commentMessage: { message: { extendedTextMessage: { text: 'hi' } } },
  };
  /** WhatsApp has no place for the mark in them, and does not forward them. */
  const never = [
    ...['invoiceMessage', 'sendPaymentMessage', 'requestPaymentMessage', 'paymentInviteMessage'],
    ...['scheduledCallCreationMessage', 'bcallMessage', 'encCommentMessage'],
  ];

  it.each(contents)('%s', (name) => {
    const message = proto.Message.fromObject({ [name]: samples[name] ?? {} });
    const given = forwardable(message);
    if (never.includes(name)) return void expect(given).toBeUndefined();
    const key = { remoteJid: pn, id: 'A' };
    const made = generateForwardMessageContent({ key, message: given } as never, true);
    const sent = proto.Message.decode(proto.Message.encode(made).finish());
    const [content] = Object.values(sent.toJSON()) as { contextInfo?: object; text?: string }[];
    expect(content?.contextInfo).toEqual({ isForwarded: true, forwardingScore: 1 });
    if (name in samples) expect(content?.text).toBe('hi');
  });

  it.each([{ reactionMessage: {} }, { commentMessage: {} }, {}, null])('and nothing is made of %j', (message) => {
    expect(forwardable(message)).toBeUndefined();
  });
});
