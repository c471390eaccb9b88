import { named, type RouteResponse, SessionName, Type } from 'waha-runtime';
import { AnyFile } from '../files/media.ts';
import { failures } from '../schemas/chatting.ts';

export const ChannelParams = Type.Object({
  session: SessionName,
  id: Type.String({
    minLength: 1,
    maxLength: 200,
    description: 'Its id, the code of its invitation, or (encoded) the link',
    examples: ['123123123@newsletter'],
  }),
});

/** What only the owner of a channel may do. */
export const OwnChannelParams = Type.Object({
  session: SessionName,
  id: Type.Unsafe<string>({ ...ChannelParams.properties.id, examples: ['321321321@newsletter'] }),
});

export const CreateChannelRequest = named(
  'CreateChannelRequest',
  Type.Object({
    name: Type.String({ minLength: 1, maxLength: 100, examples: ['Channel Name'] }),
    description: Type.Optional(Type.Union([Type.String({ maxLength: 2048 }), Type.Null()])),
    picture: Type.Optional(Type.Union([AnyFile, Type.Null()], { description: 'At most 16 MB; it is cut square' })),
  }),
);

const list = (byDefault: string[]) =>
  Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: 300, default: byDefault });
const paging = {
  categories: list([]),
  limit: Type.Integer({ minimum: 1, maximum: 500, default: 50 }),
  startCursor: Type.String({ maxLength: 2000, default: '' }),
};
export const ChannelSearchByView = named(
  'ChannelSearchByView',
  Type.Object({
    view: Type.String({ minLength: 1, maxLength: 100, default: 'RECOMMENDED' }),
    countries: list(['US']),
    ...paging,
  }),
);
export const ChannelSearchByText = named(
  'ChannelSearchByText',
  Type.Object({ text: Type.String({ minLength: 1, maxLength: 500, examples: ['News'] }), ...paging }),
);

export const channelFailures: Record<number, RouteResponse> = {
  ...failures,
  400: { description: 'What is no id, code or link of a channel' },
  404: { description: 'There is no such session, or no such channel' },
};
