import { WAMessage } from './message.ts';
import { named, Type, type ValueOf } from './schema.ts';

const text = Type.Optional(Type.Union([Type.String(), Type.Null()]));

/** A channel as anybody sees it. */
export const ChannelPublicInfo = named(
  'ChannelPublicInfo',
  Type.Object({
    id: Type.String({ examples: ['123123123123123@newsletter'] }),
    name: Type.String(),
    description: text,
    invite: Type.String({ examples: ['https://www.whatsapp.com/channel/111111111111111111111111'] }),
    preview: Type.Optional(Type.Union([Type.String(), Type.Null()], { description: 'The path of its small picture' })),
    picture: Type.Optional(Type.Union([Type.String(), Type.Null()], { description: 'Where its picture is' })),
    verified: Type.Boolean(),
    subscribersCount: Type.Number(),
  }),
);
export type ChannelPublicInfo = ValueOf<typeof ChannelPublicInfo>;

/** What the account is in a channel; a GUEST does not follow it. */
export const channelRoles = ['OWNER', 'ADMIN', 'SUBSCRIBER', 'GUEST'] as const;

/** A channel with the account's role in it. */
export const Channel = named(
  'Channel',
  Type.Object({ ...ChannelPublicInfo.properties, role: Type.Enum([...channelRoles], { type: 'string' }) }),
);
export type Channel = ValueOf<typeof Channel>;

const cursor = Type.Union([Type.String(), Type.Null()]);

/** A part of the directory of channels. */
export const ChannelListResult = named(
  'ChannelListResult',
  Type.Object({
    page: named(
      'ChannelPagination',
      Type.Object({
        startCursor: cursor,
        endCursor: cursor,
        hasNextPage: Type.Boolean(),
        hasPreviousPage: Type.Boolean(),
      }),
    ),
    channels: Type.Array(ChannelPublicInfo),
  }),
);
export type ChannelListResult = ValueOf<typeof ChannelListResult>;

/** A post of a channel, with what its readers made of it. */
export const ChannelMessage = named(
  'ChannelMessage',
  Type.Object({
    message: WAMessage,
    reactions: Type.Record(Type.String(), Type.Number(), { description: 'How many, by emoji' }),
    viewCount: Type.Number(),
  }),
);
export type ChannelMessage = ValueOf<typeof ChannelMessage>;

/** A channel to make. */
export interface CreateChannel {
  readonly name: string;
  readonly description?: string;
  /** JPEG, PNG or whatever the engine can make a square JPEG of. */
  readonly picture?: Uint8Array;
}

/** Which part of the directory. */
export interface ChannelSearch {
  /** WhatsApp's name of a view, such as RECOMMENDED, with two-letter countries; or words to look for. */
  readonly by: { readonly view: string; readonly countries: readonly string[] } | { readonly text: string };
  readonly categories: readonly string[];
  readonly limit: number;
  /** The `endCursor` of the page before; empty at the beginning. */
  readonly startCursor: string;
}

/**
 * Channels. They are named by their id (`…@newsletter`), the code of their invitation, or its link; `BAD_REQUEST` for what is
 * none of them, `NOT_FOUND` for a channel that is not there, `WHATSAPP_REFUSED` for what the account may not do.
 */
export interface Newsletters {
  /** Those that the account follows or runs. */
  list(): Promise<readonly Channel[]>;
  create(channel: CreateChannel): Promise<Channel>;
  get(channel: string): Promise<Channel>;
  /** For owners. */
  remove(channel: string): Promise<void>;
  /** Its newest posts, whether it is followed or not. */
  preview(channel: string, options: { limit: number; downloadMedia: boolean }): Promise<readonly ChannelMessage[]>;
  follow(channel: string, follows: boolean): Promise<void>;
  mute(channel: string, muted: boolean): Promise<void>;
  search(search: ChannelSearch): Promise<ChannelListResult>;
}
