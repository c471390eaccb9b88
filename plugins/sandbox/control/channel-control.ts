import { badRequest, named, notFound, type RouteGroup, route, type Static, Type } from 'waha-runtime';
import type { Channel } from '../newsletters/channel.ts';
import type { Sandbox } from '../sandbox.ts';
import { phoneNumber } from './schemas.ts';
import { attachmentOf } from './send.ts';

const ChannelBody = named(
  'SandboxChannelBody',
  Type.Object({
    name: Type.String({ minLength: 1, maxLength: 100 }),
    description: Type.Optional(Type.String({ maxLength: 2048 })),
    owner: phoneNumber('Who runs it.'),
    followers: Type.Optional(Type.Array(phoneNumber('Who follows it.'), { maxItems: 1000 })),
    verified: Type.Optional(Type.Boolean()),
    country: Type.Optional(
      Type.String({ pattern: '^[A-Z]{2}$', description: 'Where the directory lists it; US when absent.' }),
    ),
    category: Type.Optional(Type.String({ maxLength: 50 })),
  }),
);
const PostBody = named(
  'SandboxChannelPost',
  Type.Object({
    by: phoneNumber('Who posts, edits, takes back or reacts.'),
    text: Type.Optional(Type.String({ minLength: 1, maxLength: 65_536, examples: ['News'] })),
    media: Type.Optional(
      Type.Object(
        {
          kind: Type.Enum(['image', 'video', 'audio', 'document', 'sticker']),
          data: Type.String({ contentEncoding: 'base64' }),
          mimetype: Type.String(),
          filename: Type.Optional(Type.String()),
          voice: Type.Optional(Type.Boolean()),
        },
        { description: 'A file; `text` is then its caption.' },
      ),
    ),
    views: Type.Optional(
      Type.Object(
        { serverId: Type.Integer({ minimum: 0 }), count: Type.Integer({ minimum: 0 }) },
        { description: 'So many have seen a post.' },
      ),
    ),
    edit: Type.Optional(
      Type.String({ description: 'The post that `text` replaces; without `text` it is taken back.' }),
    ),
    reaction: Type.Optional(
      Type.Object({
        serverId: Type.Integer({ minimum: 0 }),
        code: Type.String({ description: 'Empty takes it back.' }),
      }),
    ),
  }),
);
const MemberBody = named(
  'SandboxChannelMember',
  Type.Object({
    number: phoneNumber('Whose phone does it.'),
    role: Type.Union([Type.Enum(['OWNER', 'ADMIN', 'SUBSCRIBER'], { type: 'string' }), Type.Null()], {
      description: 'null leaves the channel.',
    }),
  }),
);
const ChannelView = named(
  'SandboxChannel',
  Type.Object({
    jid: Type.String(),
    name: Type.String(),
    inviteCode: Type.String(),
    deleted: Type.Boolean(),
    members: Type.Record(Type.String(), Type.String(), { description: 'Role by number.' }),
    muted: Type.Array(Type.String(), { description: 'Numbers.' }),
    posts: Type.Array(
      Type.Object({
        id: Type.String(),
        serverId: Type.Integer(),
        author: Type.String(),
        message: Type.Unknown(),
        views: Type.Integer(),
        reactions: Type.Record(Type.String(), Type.String(), { description: 'By number.' }),
      }),
    ),
  }),
);
const Params = Type.Object({
  channel: Type.String({ description: 'Its JID, or the code of its invitation.', examples: ['123123123@newsletter'] }),
});

/** Channels, as the control API does them. */
export class ChannelControl {
  readonly #sandbox: Sandbox;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  list(): View[] {
    return this.#sandbox.channels.list().map(show);
  }

  create(body: Static<typeof ChannelBody>): View {
    return show(this.#sandbox.channels.create(body));
  }

  get(key: string): View {
    return show(this.#channel(key));
  }

  act(key: string, body: Static<typeof PostBody>): View {
    const channel = this.#channel(key);
    const { text, media, edit, reaction, views } = body;
    const { number } = this.#sandbox.contact(body.by);
    if (reaction) {
      if (!channel.react(number, reaction.serverId, reaction.code))
        throw notFound(`there is no post ${reaction.serverId}`);
    } else if (views) {
      if (!channel.view(views.serverId, views.count)) throw notFound(`there is no post ${views.serverId}`);
    } else if (edit !== undefined) {
      if (!channel.change(edit, text ?? null)) throw notFound(`there is no post '${edit}'`);
    } else if (media) channel.postFile(number, attachmentOf(media, text));
    else if (text === undefined) throw badRequest('text, media, edit, reaction or views is required');
    else channel.post(number, text);
    return show(channel);
  }

  /** Somebody follows, leaves or gets another role on the phone. */
  enroll(key: string, { number, role }: Static<typeof MemberBody>): View {
    const channel = this.#channel(key);
    channel.enroll(this.#sandbox.contact(number).number, role ?? undefined);
    return show(channel);
  }

  #channel(key: string): Channel {
    const channel = this.#sandbox.channels.find(key);
    if (!channel) throw notFound(`there is no channel '${key}'`);
    return channel;
  }
}

type View = Static<typeof ChannelView>;

const show = ({ jid, options, inviteCode, deleted, members, muted, posts }: Channel): View => ({
  ...{ jid, name: options.name, inviteCode, deleted },
  members: Object.fromEntries(members),
  muted: [...muted],
  posts: posts.map(({ id, serverId, author, message, views, reactions }) => ({
    ...{ id, serverId, author, views },
    message: JSON.parse(JSON.stringify(message)) as unknown,
    reactions: Object.fromEntries(reactions),
  })),
});

/** Channels under `/api/sandbox/channels`. */
export const channelRoutes = (channels: ChannelControl): RouteGroup['routes'] => [
  route({
    method: 'GET',
    path: '/api/sandbox/channels',
    summary: 'List channels with what was posted',
    responses: { 200: { description: 'All channels.', schema: Type.Array(ChannelView) } },
    handle: () => channels.list(),
  }),
  route({
    method: 'POST',
    path: '/api/sandbox/channels',
    summary: 'Make a channel',
    body: ChannelBody,
    responses: { 201: { description: 'The channel.', schema: ChannelView } },
    handle: ({ body }) => channels.create(body),
  }),
  route({
    method: 'GET',
    path: '/api/sandbox/channels/{channel}',
    summary: 'Get a channel with what was posted',
    params: Params,
    responses: { 200: { description: 'The channel.', schema: ChannelView } },
    handle: ({ params }) => channels.get(params.channel),
  }),
  ...actRoutes(channels),
];

const actRoutes = (channels: ChannelControl): RouteGroup['routes'] => [
  route({
    method: 'POST',
    path: '/api/sandbox/channels/{channel}/posts',
    summary: 'Post in a channel, edit a post, take it back, react to it or see it',
    params: Params,
    body: PostBody,
    responses: { 201: { description: 'The channel.', schema: ChannelView } },
    handle: ({ params, body }) => channels.act(params.channel, body),
  }),
  route({
    method: 'POST',
    path: '/api/sandbox/channels/{channel}/members',
    summary: 'Follow or leave a channel, or get a role in it, on the phone',
    params: Params,
    body: MemberBody,
    responses: { 201: { description: 'The channel.', schema: ChannelView } },
    handle: ({ params, body }) => channels.enroll(params.channel, body),
  }),
];
