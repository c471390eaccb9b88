import { named, type Route, route, type Sessions, Type } from 'waha-runtime';
import { ChatId, ChatParams, failures } from '../schemas/chatting.ts';
import { refresh } from '../schemas/lists.ts';
import { Result, succeeded } from '../schemas/result.ts';
import { BodySession } from '../schemas/session.ts';

const ContactId = Type.Unsafe<string>({
  ...ChatId,
  description: 'A person: <phone>@c.us, <id>@lid, or a phone number',
});
const PictureOf = Type.Unsafe<string>({ ...ChatId, description: 'A person or a group' });
const ContactQuery = Type.Object({ contactId: ContactId, session: BodySession });
const PictureQuery = Type.Object({ contactId: PictureOf, refresh, session: BodySession });
const ContactRequest = named('ContactRequest', Type.Object({ contactId: ContactId, session: BodySession }));
const ContactUpdateBody = named(
  'ContactUpdateBody',
  Type.Object({
    firstName: Type.String({ maxLength: 1000, default: 'John' }),
    lastName: Type.String({ maxLength: 1000, default: 'Doe' }),
  }),
);
const maybe = Type.Union([Type.String(), Type.Null()]);
const ContactAbout = named('ContactAbout', Type.Object({ about: maybe }));
const ContactPicture = named('ContactPicture', Type.Object({ profilePictureURL: maybe }));

/** What is asked about single people, and done to them. */
export const peopleRoutes = (sessions: Sessions): Route[] => [
  aboutRoute(sessions),
  pictureRoute(sessions),
  blockRoute(sessions, true),
  blockRoute(sessions, false),
  renameRoute(sessions),
];

const aboutRoute = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: '/api/contacts/about',
    summary: 'Get what somebody says about itself',
    query: ContactQuery,
    responses: { 200: { description: 'null when it is hidden', schema: ContactAbout }, ...failures },
    async handle({ query }) {
      const book = await sessions.capability(query.session ?? 'default', 'addressBook');
      return { about: await book.about(query.contactId) };
    },
  });

const pictureRoute = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: '/api/contacts/profile-picture',
    summary: 'Get where the picture of a person or a group is',
    query: PictureQuery,
    responses: {
      200: { description: 'null when there is none, or it is hidden', schema: ContactPicture },
      ...failures,
    },
    async handle({ query }) {
      const pictures = await sessions.capability(query.session ?? 'default', 'pictures');
      return { profilePictureURL: await pictures.urlOf(query.contactId, query.refresh ?? false, 'contactId') };
    },
  });

const blockRoute = (sessions: Sessions, blocked: boolean): Route =>
  route({
    method: 'POST',
    path: blocked ? '/api/contacts/block' : '/api/contacts/unblock',
    summary: blocked ? 'Block somebody' : 'Take messages from somebody again',
    body: ContactRequest,
    responses: { 201: { description: 'Done' }, ...failures },
    async handle({ body }) {
      const book = await sessions.capability(body.session ?? 'default', 'addressBook');
      await book.block(body.contactId, blocked);
      return {};
    },
  });

const renameRoute = (sessions: Sessions): Route =>
  route({
    method: 'PUT',
    path: '/api/{session}/contacts/{chatId}',
    summary: 'Add somebody to the address book, or change the name there',
    params: ChatParams,
    body: ContactUpdateBody,
    responses: { 200: { description: 'Done; the phone has it, too', schema: Result }, ...failures },
    async handle({ params, body }) {
      await (await sessions.capability(params.session, 'addressBook')).rename(params.chatId, body);
      return succeeded;
    },
  });
