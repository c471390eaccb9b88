import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { proto, type WAMessage as RawMessage } from '@whiskeysockets/baileys';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import { contentOf, kindOf } from '../../../../plugins/baileys/messages/content.ts';
import type { ContentType } from '../../../../plugins/baileys/messages/content-type.ts';
import { contentTypes } from '../../../../plugins/baileys/messages/content-types.ts';
import { mediaFileOf } from '../../../../plugins/baileys/messages/media-file.ts';
import { messagePayload } from '../../../../plugins/baileys/messages/payload.ts';

const key = { remoteJid: '4915200000001@s.whatsapp.net', id: '3A01', fromMe: false };
/** As it comes: encoded and decoded again. */
const received = (message: proto.IMessage): RawMessage =>
  ({ key, messageTimestamp: 1, message: proto.Message.decode(proto.Message.encode(message).finish()) }) as RawMessage;
const payload = (message: proto.IMessage) =>
  messagePayload(received(message), { me: '4915100000001@c.us', source: 'app' });

/** The protocol's own list, read from the file that the library is made of. */
const protocol = protobuf.loadSync(
  fileURLToPath(new URL('WAProto.proto', import.meta.resolve('@whiskeysockets/baileys/WAProto/index.js'))),
);
protocol.resolveAll();
const fieldsOf = (type: protobuf.Type): Record<string, protobuf.Field> => type.fields;
const types = fieldsOf(protocol.lookupType('proto.Message'));
const typeOf = (name: string): protobuf.Type | null =>
  types[name]?.resolvedType instanceof protobuf.Type ? types[name].resolvedType : null;
const table = contentTypes as unknown as Readonly<Record<string, ContentType>>;

describe('the types of messages', () => {
  it('are all those of the protocol, and no others', () => {
    expect(Object.keys(types).length).toBeGreaterThan(90);
    expect(Object.keys(contentTypes).sort()).toEqual(Object.keys(types).sort());
    expect(Object.keys(proto.Message.prototype).sort()).toEqual(
      expect.arrayContaining(Object.keys(contentTypes).sort()),
    );
  });

  it('are what the documentation says', () => {
    const page = readFileSync(new URL('../../../../docs/messages.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `(\w+)` \| ([^|]*) \|/gm)].map(([, name, event]) => [name, event?.trim()]);
    const expected = Object.entries(table).map(([name, type]) => [name, eventOf(type)]);
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(expected));
  });

  it('are wrappers when they hold a message and are none themselves', () => {
    const wrappers = Object.keys(types).filter((name) => typeOf(name)?.name === 'FutureProofMessage');
    expect(wrappers.length).toBeGreaterThan(20);
    expect(wrappers.filter((name) => table[name]?.as !== 'wrapper')).toEqual([]);
  });
});

const eventOf = (type: ContentType): string => {
  if (type.as === 'content') return '`message`';
  if (type.as === 'wrapper') return 'that of the message inside';
  if (type.as === 'change' && type.event) {
    return type.event
      .split(', ')
      .map((name) => `\`${name}\``)
      .join(', ');
  }
  return 'none: counted';
};

const content = Object.keys(table).filter((name) => table[name]?.as === 'content' && name !== 'encCommentMessage');
const wrappers = Object.keys(table).filter((name) => table[name]?.as === 'wrapper');

/** Names of fields whose text a phone shows. */
const shown =
  /^(text|caption|comment|contentText|hydratedContentText|body|title|description|name|note|selectedDisplayText)$/;
/** A text in these is not one of the bubble. */
const notShown = new Set([
  'ExtendedTextMessage.title',
  'ExtendedTextMessage.description',
  'LocationMessage.name',
  'DocumentMessage.title',
]);

/** A message of a type with every text that it has set to its own name, and those texts. */
const withTexts = (name: string): { message: proto.IMessage; texts: string[] } => {
  const type = typeOf(name);
  if (!type) return { message: { [name]: 'the text' }, texts: ['the text'] };
  const texts = type.fieldsArray.flatMap(({ name: field, type: kind }) =>
    kind === 'string' && shown.test(field) && !notShown.has(`${type.name}.${field}`) ? [field] : [],
  );
  return { message: { [name]: Object.fromEntries(texts.map((text) => [text, `the ${text}`])) }, texts };
};

/** Of alternatives, the one that a phone prefers. */
const preferred: Readonly<Record<string, readonly string[]>> = { listResponseMessage: ['title'] };

describe('every message that is a bubble', () => {
  it.each(content)('of type %s has its text as body, directly and in every wrapper', (name) => {
    const { message, texts } = withTexts(name);
    expect(kindOf(received(message))).toBe('message');
    const expected = (preferred[name] ?? texts).map((text) => (text === 'the text' ? text : `the ${text}`));
    if (expected.length === 0) return;
    for (const outer of [null, ...wrappers]) {
      const { body } = payload(outer ? { [outer]: { message } } : message);
      for (const text of expected) expect(body?.split('\n'), `${name} in ${outer}`).toContain(text);
    }
  });

  it.each(content)('of type %s says whom it mentions and what it quotes, where the protocol lets it', (name) => {
    if (!typeOf(name)?.fields['contextInfo']) return;
    const contextInfo = {
      mentionedJid: ['777000@lid'],
      stanzaId: 'QUOTED',
      participant: '777001@lid',
      quotedMessage: { imageMessage: { caption: 'the picture' } },
    };
    for (const outer of [null, ...wrappers]) {
      const message = { [name]: { contextInfo } };
      expect(payload(outer ? { [outer]: { message } } : message), `${name} in ${outer}`).toMatchObject({
        mentionedIds: ['777000@lid'],
        replyTo: { id: 'QUOTED', participant: '777001@lid', body: 'the picture', hasMedia: true },
      });
    }
  });
});

/** Everything in the protocol's messages that is a file, by the way that leads there. */
const filesUnder = (type: protobuf.Type | null, depth = 0): string[][] => {
  if (!type || depth > 4) return [];
  if (type.fields['mediaKey'] && type.fields['directPath']) return [[]];
  return type.fieldsArray.flatMap(({ name, resolvedType }) => {
    if (!(resolvedType instanceof protobuf.Type) || elsewhere.has(resolvedType.name)) return [];
    return filesUnder(resolvedType, depth + 1).map((path) => [name, ...path]);
  });
};
/** Messages in a message are tried as wrappers; the rest is no file of the bubble. */
const elsewhere = new Set(['ContextInfo', 'Message', 'MessageKey']);

describe('every file in a message', () => {
  const paths = content.flatMap((name) => filesUnder(typeOf(name)).map((path) => [name, ...path]));
  // Pictures of a page that a link leads to, of a product's icon and the like are no file of the message.
  const isFile = (path: readonly string[]) =>
    !/background|metadata|thumbnail|Metadata|embedded|musicMetadata|annotations|processedVideos/.test(path.join('.'));

  it('is found', () => {
    expect(paths.filter(isFile).map((path) => path.join('.'))).toEqual(
      expect.arrayContaining(['imageMessage', 'templateMessage.hydratedTemplate.imageMessage', 'stickerPackMessage']),
    );
  });

  it.each(paths.filter(isFile).map((path) => [path.join('.'), path] as const))('%s is its media', (_, path) => {
    const file = { mimetype: 'image/x-test', mediaKey: Buffer.from('key'), directPath: '/path' };
    const message = path.reduceRight<object>(
      (inner, field) => ({ [field]: field === 'cards' ? [inner] : inner }),
      file,
    );
    const raw = received(message as proto.IMessage);
    expect(messagePayload(raw, { me: undefined, source: 'app' })).toMatchObject({ hasMedia: true });
    expect(mediaFileOf(raw)).toMatchObject({ directPath: '/path' });
  });
});

describe('what people reported', () => {
  const { Type } = proto.Message.ProtocolMessage;

  it('a template has its text and its picture', () => {
    const hydratedTemplate = {
      imageMessage: { mimetype: 'image/jpeg', mediaKey: Buffer.from('k'), directPath: '/x' },
      hydratedContentText: 'Your order is on its way',
    };
    expect(payload({ templateMessage: { hydratedTemplate } })).toMatchObject({
      body: 'Your order is on its way',
      hasMedia: true,
      media: { mimetype: 'image/jpeg' },
    });
  });

  it('an interactive message has header, body and footer; a carousel its cards', () => {
    const interactiveMessage = { header: { title: 'Head' }, body: { text: 'Body' }, footer: { text: 'Foot' } };
    expect(payload({ interactiveMessage }).body).toBe('Head\nBody\nFoot');
    const cards = [
      { body: { text: 'one' } },
      { header: { imageMessage: { mimetype: 'image/png' } }, body: { text: 'two' } },
    ];
    const carousel = payload({ interactiveMessage: { body: { text: 'Choose' }, carouselMessage: { cards } } });
    expect(carousel).toMatchObject({ body: 'Choose\none\ntwo', hasMedia: true, media: { mimetype: 'image/png' } });
  });

  it('a moving sticker has its file', () => {
    const stickerMessage = { mimetype: 'application/was', mediaKey: Buffer.from('k'), directPath: '/x' };
    expect(payload({ lottieStickerMessage: { message: { stickerMessage } } })).toMatchObject({
      hasMedia: true,
      media: { mimetype: 'application/was' },
    });
  });

  it.each([
    { albumMessage: { expectedImageCount: 2 } },
    { keepInChatMessage: { keepType: 1 } },
    { messageHistoryNotice: {} },
    { pinInChatMessage: { type: 1 } },
    { protocolMessage: { type: Type.EPHEMERAL_SETTING } },
    {},
  ] as proto.IMessage[])('%j is no message', (message) => {
    expect(kindOf(received(message))).not.toBe('message');
  });

  it('is the same however deep it is wrapped, and nothing when somebody overdoes it', () => {
    const wrap = (depth: number): proto.IMessage =>
      depth === 0 ? { conversation: 'deep' } : { ephemeralMessage: { message: wrap(depth - 1) } };
    expect(payload(wrap(12)).body).toBe('deep');
    expect(contentOf(received(wrap(60)))).toEqual({});
  });
});
