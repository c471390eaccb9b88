import {
  Channel,
  ChannelListResult,
  ChannelMessage,
  channelRoles,
  type Newsletters,
  type Route,
  type RouteGroup,
  route,
  type Sessions,
  Type,
} from 'waha-runtime';
import { bytesOf, type NamedFile } from '../files/fetch.ts';
import { given } from '../schemas/chatting.ts';
import { SessionParams } from '../schemas/session.ts';
import type { SendRouteOptions } from '../sending/send-route.ts';
import { directoryRoutes } from './directory.ts';
import {
  ChannelParams,
  ChannelSearchByText,
  ChannelSearchByView,
  CreateChannelRequest,
  channelFailures,
  OwnChannelParams,
} from './schemas.ts';

const MAX_PICTURE_BYTES = 16 * 1024 * 1024;

/** The tag Channels. */
export const channelsGroup = (options: SendRouteOptions): RouteGroup => {
  const { sessions } = options;
  return {
    tag: 'Channels',
    description: 'Channels: what the account follows and runs, and the directory of all',
    routes: [
      listRoute(sessions),
      createRoute(options),
      getRoute(sessions),
      removeRoute(sessions),
      previewRoute(sessions),
      changeRoute(sessions, 'follow', 'Follow a channel', (channels, id) => channels.follow(id, true)),
      changeRoute(sessions, 'unfollow', 'Unfollow a channel', (channels, id) => channels.follow(id, false)),
      changeRoute(sessions, 'mute', 'Mute a channel', (channels, id) => channels.mute(id, true)),
      changeRoute(sessions, 'unmute', 'Unmute a channel', (channels, id) => channels.mute(id, false)),
      byViewRoute(sessions),
      byTextRoute(sessions),
      ...directoryRoutes(sessions),
    ],
  };
};

const channelsOf = (sessions: Sessions, { session }: { readonly session: string }): Promise<Newsletters> =>
  sessions.capability(session, 'newsletters');

const listRoute = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: '/api/{session}/channels',
    summary: 'List the channels that the account follows or runs',
    params: SessionParams,
    query: Type.Object({
      role: Type.Optional(
        Type.Enum(
          channelRoles.filter((role) => role !== 'GUEST'),
          { type: 'string', description: 'Only those' },
        ),
      ),
    }),
    responses: { 200: { description: 'The channels', schema: Type.Array(Channel) }, ...channelFailures },
    async handle({ params, query: { role } }) {
      const channels = await (await channelsOf(sessions, params)).list();
      return role === undefined ? channels : channels.filter((channel) => channel.role === role);
    },
  });

const createRoute = ({ sessions, http }: SendRouteOptions): Route =>
  route({
    method: 'POST',
    path: '/api/{session}/channels',
    summary: 'Make a channel',
    params: SessionParams,
    body: CreateChannelRequest,
    responses: { 201: { description: 'The channel', schema: Channel }, ...channelFailures },
    async handle({ params, body: { name, description, picture }, signal }) {
      const channels = await channelsOf(sessions, params);
      const limits = { http, signal, field: 'picture', maxBytes: MAX_PICTURE_BYTES };
      const bytes = picture ? await bytesOf(picture as NamedFile, limits) : undefined;
      return channels.create({ name, ...given({ description, picture: bytes }) });
    },
  });

const getRoute = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: '/api/{session}/channels/{id}',
    summary: 'Get a channel',
    params: ChannelParams,
    responses: { 200: { description: 'The channel', schema: Channel }, ...channelFailures },
    handle: async ({ params }) => (await channelsOf(sessions, params)).get(params.id),
  });

const removeRoute = (sessions: Sessions): Route =>
  route({
    method: 'DELETE',
    path: '/api/{session}/channels/{id}',
    summary: 'Delete a channel of your own',
    params: OwnChannelParams,
    responses: { 200: { description: 'Deleted' }, ...channelFailures },
    handle: async ({ params }) => (await channelsOf(sessions, params)).remove(params.id),
  });

const previewRoute = (sessions: Sessions): Route =>
  route({
    method: 'GET',
    path: '/api/{session}/channels/{id}/messages/preview',
    summary: 'Get the newest posts of a channel, followed or not',
    params: ChannelParams,
    query: Type.Object({
      downloadMedia: Type.Optional(Type.Boolean({ default: false })),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 10 })),
    }),
    responses: { 200: { description: 'The posts', schema: Type.Array(ChannelMessage) }, ...channelFailures },
    async handle({ params, query: { downloadMedia = false, limit = 10 } }) {
      return (await channelsOf(sessions, params)).preview(params.id, { downloadMedia, limit });
    },
  });

const changeRoute = (
  sessions: Sessions,
  name: string,
  summary: string,
  change: (channels: Newsletters, id: string) => Promise<void>,
): Route =>
  route({
    method: 'POST',
    path: `/api/{session}/channels/{id}/${name}`,
    summary,
    params: ChannelParams,
    responses: { 201: { description: 'Done' }, ...channelFailures },
    handle: async ({ params }) => change(await channelsOf(sessions, params), params.id),
  });

const found = { 200: { description: 'A page of channels', schema: ChannelListResult }, ...channelFailures };

const byViewRoute = (sessions: Sessions): Route =>
  route({
    method: 'POST',
    path: '/api/{session}/channels/search/by-view',
    right: 'read',
    summary: 'Look through the directory by view',
    params: SessionParams,
    body: ChannelSearchByView,
    responses: found,
    async handle({ params, body: { view, countries, ...page } }) {
      return (await channelsOf(sessions, params)).search({ by: { view, countries }, ...page });
    },
  });

const byTextRoute = (sessions: Sessions): Route =>
  route({
    method: 'POST',
    path: '/api/{session}/channels/search/by-text',
    right: 'read',
    summary: 'Look through the directory by words',
    params: SessionParams,
    body: ChannelSearchByText,
    responses: found,
    async handle({ params, body: { text, ...page } }) {
      return (await channelsOf(sessions, params)).search({ by: { text }, ...page });
    },
  });
