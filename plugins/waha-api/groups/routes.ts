import { type Route, type RouteGroup, route, type Sessions, type Static, Type } from 'waha-runtime';
import { bytesOf } from '../files/fetch.ts';
import { MAX_PICTURE_BYTES, type PictureOptions, ProfilePictureRequest } from '../files/picture.ts';
import { ChatPictureResponse, given } from '../schemas/chatting.ts';
import { CountResponse, listed, refresh, sortOrder } from '../schemas/lists.ts';
import { Result, succeeded } from '../schemas/result.ts';
import { SessionParams } from '../schemas/session.ts';
import { groupRoutes, participantRoutes, settingRoutes } from './one.ts';
import {
  CreatedGroupSchema,
  CreateGroupRequest,
  GroupParams,
  groupFailures,
  JoinGroupRequest,
  JoinGroupResponse,
  RawGroupSchema,
} from './schemas.ts';

const ListQuery = Type.Object({
  sortBy: Type.Optional(Type.Enum(['id', 'subject'], { type: 'string' })),
  sortOrder,
  ...listed(),
  exclude: Type.Optional(
    Type.Array(Type.Enum(['', 'participants'], { type: 'string' }), {
      maxItems: 10,
      description: 'Parts to leave out',
    }),
  ),
});

/** The tag Groups. */
export const groupsGroup = ({ sessions, http }: PictureOptions): RouteGroup => ({
  tag: 'Groups',
  description: 'Groups that the account is in',
  routes: [
    createRoute(sessions),
    listRoute(sessions),
    joinInfoRoute(sessions),
    joinRoute(sessions),
    countRoute(sessions),
    refreshRoute(sessions),
    ...groupRoutes(sessions),
    ...pictureRoutes({ sessions, http }),
    ...settingRoutes(sessions),
    ...participantRoutes(sessions),
  ],
});

const createRoute = (sessions: Sessions): Route =>
  route({
    method: 'POST',
    path: '/api/{session}/groups',
    summary: 'Make a group',
    params: SessionParams,
    body: CreateGroupRequest,
    responses: {
      201: { description: 'The group, and who is not in it', schema: CreatedGroupSchema },
      ...groupFailures,
    },
    async handle({ params, body }) {
      const groups = await sessions.capability(params.session, 'groups');
      return groups.create({ name: body.name, participants: body.participants.map(({ id }) => id) });
    },
  });

const listRoute = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: '/api/{session}/groups',
    summary: 'List groups',
    description: 'An object with the groups by their ids, in the order that was asked for.',
    params: SessionParams,
    query: ListQuery,
    responses: {
      200: { description: 'The groups', schema: Type.Record(Type.String(), RawGroupSchema) },
      ...groupFailures,
    },
    async handle({ params, query: { exclude = [], ...query } }) {
      const groups = await sessions.capability(params.session, 'groups');
      const found = await groups.list({ ...given(query), withoutParticipants: exclude.includes('participants') });
      return Object.fromEntries(found.map((group) => [group.id, group]));
    },
  });

const joinInfoRoute = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: '/api/{session}/groups/join-info',
    summary: 'Get the group that an invitation leads to',
    params: SessionParams,
    query: JoinGroupRequest,
    responses: { 200: { description: 'The group', schema: RawGroupSchema }, ...groupFailures },
    async handle({ params, query }) {
      return (await sessions.capability(params.session, 'groups')).invited(query.code);
    },
  });

const joinRoute = (sessions: Sessions): Route =>
  route({
    method: 'POST',
    path: '/api/{session}/groups/join',
    summary: 'Join a group by an invitation',
    params: SessionParams,
    body: JoinGroupRequest,
    responses: { 200: { description: 'The group', schema: JoinGroupResponse }, ...groupFailures },
    async handle({ params, body }) {
      return (await sessions.capability(params.session, 'groups')).join(body.code);
    },
  });

const countRoute = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: '/api/{session}/groups/count',
    summary: 'Count the groups',
    params: SessionParams,
    responses: { 200: { description: 'How many', schema: CountResponse }, ...groupFailures },
    async handle({ params }) {
      return { count: await (await sessions.capability(params.session, 'groups')).count() };
    },
  });

const refreshRoute = (sessions: Sessions): Route =>
  route({
    method: 'POST',
    path: '/api/{session}/groups/refresh',
    summary: 'Ask WhatsApp for all groups again',
    description: 'Never needed in the normal course: WhatsApp tells of every change.',
    params: SessionParams,
    responses: { 200: { description: 'Asked', schema: Result }, ...groupFailures },
    async handle({ params }) {
      await (await sessions.capability(params.session, 'groups')).refresh();
      return succeeded;
    },
  });

const picturePath = '/api/{session}/groups/{id}/picture';

/** Pictures, once the group is known to be there: one that is not has no picture either, which would be no error. */
const picturesOf = async (sessions: Sessions, { session, id }: { readonly session: string; readonly id: string }) => {
  await (await sessions.client(session)).groups?.get(id);
  return sessions.capability(session, 'pictures');
};

const pictureRoutes = ({ sessions, http }: PictureOptions): Route[] => [
  route({
    method: 'GET',
    path: picturePath,
    summary: 'Get where the picture of a group is',
    params: GroupParams,
    query: Type.Object({ refresh }),
    responses: { 200: { description: 'The picture', schema: ChatPictureResponse }, ...groupFailures },
    async handle({ params, query }) {
      const pictures = await picturesOf(sessions, params);
      return { url: await pictures.urlOf(params.id, query.refresh ?? false) };
    },
  }),
  route({
    method: 'PUT',
    path: picturePath,
    summary: 'Set the picture of a group',
    params: GroupParams,
    body: ProfilePictureRequest,
    responses: { 200: { description: 'Set', schema: Result }, ...groupFailures },
    async handle({ params, body, signal }) {
      const groups = await sessions.capability(params.session, 'groups');
      const { file }: Static<typeof ProfilePictureRequest> = body;
      await groups.setPicture(params.id, await bytesOf(file, { http, signal, maxBytes: MAX_PICTURE_BYTES }));
      return succeeded;
    },
  }),
  route({
    method: 'DELETE',
    path: picturePath,
    summary: 'Remove the picture of a group',
    params: GroupParams,
    responses: { 200: { description: 'Removed', schema: Result }, ...groupFailures },
    async handle({ params }) {
      await (await sessions.capability(params.session, 'groups')).removePicture(params.id);
      return succeeded;
    },
  }),
];
