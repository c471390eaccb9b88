import {
  ChatInfo,
  Label,
  labelColors,
  named,
  type Route,
  type RouteGroup,
  type RouteResponse,
  route,
  SessionName,
  type Sessions,
  type Static,
  Type,
  unprocessable,
} from 'waha-runtime';
import { ChatParams, failures } from '../schemas/chatting.ts';
import { SessionParams } from '../schemas/session.ts';

const LabelId = Type.String({ minLength: 1, maxLength: 50, examples: ['1'] });
const LabelParams = Type.Object({ session: SessionName, labelId: LabelId });

const LabelBody = named(
  'LabelBody',
  Type.Object({
    name: Type.String({ minLength: 1, maxLength: 100, examples: ['Lead'] }),
    color: Type.Optional(
      Type.Union([Type.Number(), Type.Null()], { description: '0 to 19; either this or colorHex', examples: [1] }),
    ),
    colorHex: Type.Optional(
      Type.Union([Type.String({ maxLength: 20 }), Type.Null()], {
        description: `One of ${labelColors.join(', ')}; either this or color`,
      }),
    ),
  }),
);
/** Each label has a name of its own: that of the other example is taken. */
const LabelChange = Type.Object({
  ...LabelBody.properties,
  name: Type.Unsafe<string>({ ...LabelBody.properties.name, examples: ['Customer'] }),
});
const SetLabelsRequest = named(
  'SetLabelsRequest',
  Type.Object({
    labels: Type.Array(named('LabelID', Type.Object({ id: LabelId })), {
      maxItems: 100,
      description: 'All labels of the chat from now on; none takes all of them away',
    }),
  }),
);
const { unreadCount: _, ...chatFields } = ChatInfo.properties;
const LabelledChat = Type.Object(chatFields, { additionalProperties: true });

const labelFailures: Record<number, RouteResponse> = {
  ...failures,
  400: { description: 'A wrong id, or the session keeps no store (config.noweb.store.enabled)' },
  404: { description: 'There is no such session, or no such label' },
};

/** The tag Labels. */
export const labelsGroup = (sessions: Sessions): RouteGroup => ({
  tag: 'Labels',
  description: 'Labels of business accounts; phone and devices see them. They are read from the session’s store',
  routes: [
    listRoute(sessions),
    createRoute(sessions),
    updateRoute(sessions),
    removeRoute(sessions),
    ofChatRoute(sessions),
    setForChatRoute(sessions),
    chatsRoute(sessions),
  ],
});

const listRoute = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: '/api/{session}/labels',
    summary: 'List labels',
    params: SessionParams,
    responses: { 200: { description: 'The labels', schema: Type.Array(Label) }, ...labelFailures },
    handle: async ({ params }) => (await sessions.capability(params.session, 'labels')).list(),
  });

const createRoute = (sessions: Sessions): Route =>
  route({
    method: 'POST',
    path: '/api/{session}/labels',
    summary: 'Make a label',
    description: 'At most 20, each with a name of its own.',
    params: SessionParams,
    body: LabelBody,
    responses: { 201: { description: 'The label', schema: Label }, ...labelFailures },
    async handle({ params, body }) {
      const labels = await sessions.capability(params.session, 'labels');
      return labels.create(contentOf(body));
    },
  });

const updateRoute = (sessions: Sessions): Route =>
  route({
    method: 'PUT',
    path: '/api/{session}/labels/{labelId}',
    summary: 'Change a label',
    params: LabelParams,
    body: LabelChange,
    responses: { 200: { description: 'The label', schema: Label }, ...labelFailures },
    async handle({ params, body }) {
      const labels = await sessions.capability(params.session, 'labels');
      return labels.update(params.labelId, contentOf(body));
    },
  });

const removeRoute = (sessions: Sessions): Route =>
  route({
    method: 'DELETE',
    path: '/api/{session}/labels/{labelId}',
    summary: 'Delete a label',
    params: LabelParams,
    responses: {
      200: { description: 'Deleted', schema: Type.Object({ result: Type.Boolean() }) },
      ...labelFailures,
    },
    async handle({ params }) {
      await (await sessions.capability(params.session, 'labels')).remove(params.labelId);
      return { result: true };
    },
  });

const ofChatRoute = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: '/api/{session}/labels/chats/{chatId}',
    summary: 'List the labels of a chat',
    params: ChatParams,
    responses: { 200: { description: 'The labels', schema: Type.Array(Label) }, ...labelFailures },
    handle: async ({ params }) => (await sessions.capability(params.session, 'labels')).ofChat(params.chatId),
  });

const setForChatRoute = (sessions: Sessions): Route =>
  route({
    method: 'PUT',
    path: '/api/{session}/labels/chats/{chatId}',
    summary: 'Set all labels of a chat',
    params: ChatParams,
    body: SetLabelsRequest,
    responses: { 200: { description: 'Set' }, ...labelFailures },
    async handle({ params, body }) {
      const labels = await sessions.capability(params.session, 'labels');
      await labels.setForChat(
        params.chatId,
        body.labels.map(({ id }) => id),
      );
    },
  });

const chatsRoute = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: '/api/{session}/labels/{labelId}/chats',
    summary: 'List the chats with a label',
    params: LabelParams,
    responses: { 200: { description: 'The chats', schema: Type.Array(LabelledChat) }, ...labelFailures },
    handle: async ({ params }) => (await sessions.capability(params.session, 'labels')).chats(params.labelId),
  });

const contentOf = ({ name, color, colorHex }: Static<typeof LabelBody>) => ({
  name,
  color: colorOf(color ?? undefined, colorHex ?? undefined),
});

const colorOf = (color: number | undefined, hex: string | undefined): number => {
  if (color !== undefined && hex !== undefined) throw unprocessable('give either color or colorHex, not both');
  if (color !== undefined) {
    if (labelColors[color] === undefined) throw unprocessable(`color must be 0 to ${labelColors.length - 1}`);
    return color;
  }
  if (hex === undefined) throw unprocessable('color or colorHex is required');
  const wanted = `#${hex.trim().replace(/^#/, '').toLowerCase()}`;
  const found = (labelColors as readonly string[]).indexOf(wanted);
  if (found < 0) throw unprocessable(`colorHex must be one of ${labelColors.join(', ')}`);
  return found;
};
