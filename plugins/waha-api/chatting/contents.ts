import { named, type Route, Type, WAMessage } from 'waha-runtime';
import { given, sending, Text } from '../schemas/chatting.ts';
import { type SendRouteOptions, sendRoute } from '../sending/send-route.ts';
import { Contact, VCardContact, vCardOf } from './vcards.ts';

const { latitude, longitude } = {
  latitude: Type.Number({ minimum: -90, maximum: 90, examples: [38.8937255] }),
  longitude: Type.Number({ minimum: -180, maximum: 180, examples: [-77.0969763] }),
};
const short = Type.String({ maxLength: 4096 });
const maybeShort = Type.Optional(Type.Union([short, Type.Null()]));

const MessageLocationRequest = named(
  'MessageLocationRequest',
  Type.Object({ ...sending, latitude, longitude, title: Type.Optional(Type.Union([short, Type.Null()])) }),
);
const MessageContactVcardRequest = named(
  'MessageContactVcardRequest',
  Type.Object({
    ...sending,
    contacts: Type.Array(Type.Union([VCardContact, Contact]), { minItems: 1, maxItems: 250 }),
  }),
);
const MessagePoll = named(
  'MessagePoll',
  Type.Object({
    name: Type.String({ minLength: 1, maxLength: 4096, examples: ['How are you?'] }),
    options: Type.Array(Type.String({ minLength: 1, maxLength: 1000 }), {
      minItems: 2,
      maxItems: 12,
      examples: [['Awesome!', 'Good!', 'Not bad!']],
    }),
    multipleAnswers: Type.Optional(Type.Boolean({ default: false })),
  }),
);
const MessagePollRequest = named('MessagePollRequest', Type.Object({ ...sending, poll: MessagePoll }));
const Row = named('Row', Type.Object({ title: short, description: maybeShort, rowId: short }));
const Section = named('Section', Type.Object({ title: short, rows: Type.Array(Row) }));
const SendListMessage = named(
  'SendListMessage',
  Type.Object({
    title: short,
    description: Type.Optional(Type.Union([Text, Type.Null()])),
    footer: maybeShort,
    button: short,
    sections: Type.Array(Section, { minItems: 1 }),
  }),
);
const SendListRequest = named('SendListRequest', Type.Object({ ...sending, message: SendListMessage }));

/** Locations, contact cards, polls and lists. */
export const contentRoutes = (shared: SendRouteOptions): Route[] => [
  locationRoute(shared),
  contactRoute(shared),
  pollRoute(shared),
  listRoute(shared),
];

const locationRoute = (shared: SendRouteOptions): Route =>
  sendRoute(shared, {
    path: '/api/sendLocation',
    summary: 'Send a place',
    body: MessageLocationRequest,
    answer: WAMessage,
    async send(session, { chatId, latitude, longitude, title, id, reply_to }) {
      const contents = await shared.sessions.capability(session, 'contents');
      const options = given({ title, id: id || null, replyTo: reply_to || null });
      return contents.sendLocation({ chatId, latitude, longitude, ...options });
    },
  });

const contactRoute = (shared: SendRouteOptions): Route =>
  sendRoute(shared, {
    path: '/api/sendContactVcard',
    summary: 'Send contact cards',
    body: MessageContactVcardRequest,
    answer: WAMessage,
    async send(session, { chatId, contacts: cards, id, reply_to }) {
      const contents = await shared.sessions.capability(session, 'contents');
      const contacts = cards.map(vCardOf);
      return contents.sendContacts({ chatId, contacts, ...given({ id: id || null, replyTo: reply_to || null }) });
    },
  });

const pollRoute = (shared: SendRouteOptions): Route =>
  sendRoute(shared, {
    path: '/api/sendPoll',
    summary: 'Send a poll',
    description: 'Votes come as `poll.vote` events.',
    body: MessagePollRequest,
    answer: WAMessage,
    async send(session, { chatId, poll, id, reply_to }) {
      const contents = await shared.sessions.capability(session, 'contents');
      const { name, options, multipleAnswers = false } = poll;
      const more = given({ id: id || null, replyTo: reply_to || null });
      return contents.sendPoll({ chatId, name, options, multipleAnswers, ...more });
    },
  });

const listRoute = (shared: SendRouteOptions): Route =>
  sendRoute(shared, {
    path: '/api/sendList',
    summary: 'Send a list to choose from',
    description: 'WhatsApp shows lists in chats with one person only, and not on every phone.',
    body: SendListRequest,
    answer: WAMessage,
    async send(session, { chatId, message, id, reply_to }) {
      const contents = await shared.sessions.capability(session, 'contents');
      const { title, button, sections, description, footer } = message;
      return contents.sendList({
        chatId,
        title,
        button,
        sections: sections.map(({ title: heading, rows }) => ({
          title: heading,
          rows: rows.map((row) => ({ title: row.title, rowId: row.rowId, ...given({ description: row.description }) })),
        })),
        ...given({ description, footer, id: id || null, replyTo: reply_to || null }),
      });
    },
  });
