import { type ChatStates, type Route, route, type Sessions, Type } from 'waha-runtime';
import { ChatParams, ChatPictureResponse, failures } from '../schemas/chatting.ts';
import { refresh } from '../schemas/lists.ts';
import { Result, succeeded } from '../schemas/result.ts';

/** What is done to chats as a whole, and their pictures. */
export const stateRoutes = (sessions: Sessions): Route[] => [
  pictureRoute(sessions),
  stateRoute(sessions, 'archive', 'Archive a chat', (chats, chatId) => chats.archive(chatId, true)),
  stateRoute(sessions, 'unarchive', 'Take a chat out of the archive', (chats, chatId) => chats.archive(chatId, false)),
  stateRoute(sessions, 'unread', 'Mark a chat as unread', (chats, chatId) => chats.markUnread(chatId)),
];

const pictureRoute = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: '/api/{session}/chats/{chatId}/picture',
    summary: 'Get where the picture of a chat is',
    params: ChatParams,
    query: Type.Object({ refresh }),
    responses: { 200: { description: 'The picture', schema: ChatPictureResponse }, ...failures },
    async handle({ params, query }) {
      const pictures = await sessions.capability(params.session, 'pictures');
      return { url: await pictures.urlOf(params.chatId, query.refresh ?? false) };
    },
  });

const stateRoute = (
  sessions: Sessions,
  name: string,
  summary: string,
  change: (chats: ChatStates, chatId: string) => Promise<void>,
): Route =>
  route({
    method: 'POST',
    path: `/api/{session}/chats/{chatId}/${name}`,
    summary,
    params: ChatParams,
    responses: { 201: { description: 'Done; the phone shows it, too', schema: Result }, ...failures },
    async handle({ params }) {
      await change(await sessions.capability(params.session, 'chatStates'), params.chatId);
      return succeeded;
    },
  });
