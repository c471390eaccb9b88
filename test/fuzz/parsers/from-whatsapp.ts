import { type BinaryNode, decodeBinaryNode, encodeBinaryNode, proto, type WAMessage } from '@whiskeysockets/baileys';
import { postsIn } from '../../../plugins/baileys/client/newsletters/posts.ts';
import { readNotice } from '../../../plugins/baileys/identity/groups/changes.ts';
import { describe } from '../../../plugins/baileys/identity/groups/description.ts';
import { groupIn } from '../../../plugins/baileys/identity/groups/queries.ts';
import { kindOf, typeOf } from '../../../plugins/baileys/messages/content.ts';
import { messagePayload } from '../../../plugins/baileys/messages/payload.ts';
import type { Parser } from './explore.ts';
import { refusing } from './refusals.ts';

const member = {
  tag: 'participant',
  attrs: { jid: '1234567@lid', phone_number: '4915200002002@s.whatsapp.net', type: 'admin' },
};
const group: BinaryNode = {
  tag: 'group',
  attrs: { id: '120363000000000001', subject: 'Friends', creation: '1', creator: '1234567@lid', size: '1', s_t: '2' },
  content: [
    member,
    { tag: 'description', attrs: { id: '1' }, content: [{ tag: 'body', attrs: {}, content: Buffer.from('about') }] },
    { tag: 'ephemeral', attrs: { expiration: '86400' } },
    { tag: 'membership_approval_mode', attrs: {}, content: [{ tag: 'group_join', attrs: { state: 'on' } }] },
  ],
};
const notice: BinaryNode = {
  tag: 'notification',
  attrs: { from: '120363000000000001@g.us', type: 'w:gp2', id: '1', t: '1', participant: '1234567@lid' },
  content: [
    { tag: 'add', attrs: {}, content: [member] },
    { tag: 'subject', attrs: { subject: 'New', s_t: '1' } },
    { tag: 'create', attrs: {}, content: [group] },
    { tag: 'created_membership_requests', attrs: {}, content: [{ tag: 'requested_user', attrs: { jid: '1@lid' } }] },
    { tag: 'link', attrs: { link_type: 'parent_group' }, content: [group] },
  ],
};
const text = proto.Message.encode({ conversation: 'hello' }).finish();
const posts: BinaryNode = {
  tag: 'iq',
  attrs: {},
  content: [
    group,
    {
      tag: 'messages',
      attrs: { jid: '123@newsletter' },
      content: [
        {
          tag: 'message',
          attrs: { id: 'A', server_id: '1', t: '1' },
          content: [
            { tag: 'plaintext', attrs: {}, content: text },
            { tag: 'reactions', attrs: {}, content: [{ tag: 'reaction', attrs: { code: 'x', count: '1' } }] },
          ],
        },
      ],
    },
  ],
};

/** Nodes as they come over the wire. What Baileys cannot decode goes no further. */
const nodes: Parser = {
  name: 'binary nodes',
  files: /identity\/groups\/|newsletters\/posts|WABinary\//,
  seeds: [notice, posts, group].map((node) => encodeBinaryNode(node)),
  words: ['\u00f8\u0001', '\u0000', '\u00fc\u0003', 'jid', '@lid', 'add', 'participant', '\u00ff', '\u00fa', '\u00f7'],
  parse: async (input) => {
    let node: BinaryNode;
    try {
      node = await decodeBinaryNode(input);
    } catch {
      return;
    }
    readNotice(node);
    describe(node);
    postsIn(node);
    await refusing(() => groupIn(node), 'UNAVAILABLE');
  },
};

const key = { remoteJid: '120363000000000001@g.us', id: '3EB0', fromMe: false, participant: '1234567@lid' };
const contextInfo = {
  stanzaId: '1',
  participant: '1@lid',
  quotedMessage: { conversation: 'q' },
  mentionedJid: ['1@lid'],
};
const messages: readonly proto.IMessage[] = [
  { extendedTextMessage: { text: 'hi', contextInfo } },
  { viewOnceMessageV2: { message: { imageMessage: { caption: 'c', mimetype: 'image/png', contextInfo } } } },
  { contactsArrayMessage: { contacts: [{ displayName: 'A', vcard: 'BEGIN:VCARD' }] }, messageContextInfo: {} },
  { liveLocationMessage: { degreesLatitude: 1, degreesLongitude: 2, caption: 'x' } },
  { pollCreationMessageV3: { name: 'p', options: [{ optionName: 'a' }], selectableOptionsCount: 1 } },
  { templateMessage: { hydratedTemplate: { hydratedContentText: 't', hydratedButtons: [{ index: 1 }] } } },
  { interactiveMessage: { body: { text: 'b' }, carouselMessage: { cards: [{ body: { text: 'c' } }] } } },
  { listMessage: { title: 't', sections: [{ title: 's', rows: [{ title: 'r' }] }] } },
  { protocolMessage: { type: 14, key, editedMessage: { conversation: 'e' } } },
  { reactionMessage: { key, text: 'x' } },
  { buttonsMessage: { contentText: 'b', buttons: [{ buttonText: { displayText: 'd' } }] } },
];

const contents: Parser = {
  name: 'messages',
  files: /baileys\/messages\/|json-safe/,
  seeds: messages.map((message) =>
    proto.WebMessageInfo.encode({ key, message, messageTimestamp: 1, status: 2 } as proto.IWebMessageInfo).finish(),
  ),
  words: [
    '\u0000',
    '\n\u0002',
    '\u0012\u0004',
    '\u00ff\u00ff\u0001',
    '\u0080',
    '@lid',
    '@s.whatsapp.net',
    '\u0008\u000e',
  ],
  parse: (input) => {
    let raw: WAMessage;
    try {
      raw = proto.WebMessageInfo.decode(input) as unknown as WAMessage;
    } catch {
      return;
    }
    raw.key ??= {};
    kindOf(raw);
    typeOf(raw);
    JSON.stringify(messagePayload(raw, { me: '4915200002001@c.us', source: 'app' }));
  },
};

export const parsersFromWhatsApp: readonly Parser[] = [nodes, contents];
