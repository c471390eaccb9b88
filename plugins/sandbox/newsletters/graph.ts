import type { Channel } from './channel.ts';
import type { Channels } from './channels.ts';

/** Who asks. */
export interface Asking {
  readonly channels: Channels;
  /** A number. */
  readonly by: string;
  /** Whether the account has accepted the notice about channels. */
  readonly accepted: boolean;
  /** Keeps a picture, and gives the path under which it is served. */
  keepPicture(base64: string): string;
}

type Variables = Readonly<Record<string, unknown>>;
type Answer = (asking: Asking, variables: Variables, input: Variables) => unknown;

/** A query that GraphQL answers with an error in its JSON. */
export class GraphError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

interface Query {
  readonly path: string;
  /** Variables of the type `Boolean!`: without one, the whole query is refused. */
  readonly flags?: readonly string[];
  readonly answer: Answer;
}

const AUTHORS = ['OWNER', 'ADMIN'];
const metadataFlags = [
  'full_image',
  'creation_time',
  'viewer_metadata',
  'wamo_sub',
  'status_metadata',
  'pinned_messages',
];

/** The channel that a query is about, else 404. */
const channelIn = ({ channels }: Asking, key: unknown): Channel => {
  const channel = channels.find(typeof key === 'string' ? key : undefined);
  if (!channel || channel.deleted) throw new GraphError(404, 'Not Found');
  return channel;
};

const demandNotice = ({ accepted }: Asking): void => {
  if (!accepted) throw new GraphError(451, 'The terms of service for channels have not been accepted');
};

const directory = (found: readonly Channel[], { limit, start_cursor: cursor }: Variables, by: string) => {
  const start = Number(cursor) || 0;
  const end = start + (Number(limit) || 50);
  return {
    page_info: {
      startCursor: String(start),
      endCursor: String(end),
      hasNextPage: found.length > end,
      hasPreviousPage: start > 0,
    },
    result: found.slice(start, end).map((channel) => ({ ...shown(channel, by), viewer_metadata: undefined })),
  };
};

const isListed = ({ deleted, options }: Channel, categories: unknown): boolean =>
  !deleted && (!Array.isArray(categories) || categories.length === 0 || categories.includes(options.category));

/** WhatsApp Web's queries of August 2026, by their ids. */
export const channelQueries: Readonly<Record<string, Query>> = {
  '25149874324715067': {
    path: 'xwa2_newsletter_create',
    answer: (asking, _, { name, description, picture }) => {
      demandNotice(asking);
      if (typeof name !== 'string' || name === '') throw new GraphError(400, 'Bad Request: name');
      const kept = typeof picture === 'string' ? { picture: asking.keepPicture(picture) } : {};
      const options = { name, description: String(description ?? ''), owner: asking.by, ...kept };
      return { ...shown(asking.channels.create(options), asking.by), viewer_metadata: null };
    },
  },
  '27456920720571478': {
    path: 'xwa2_newsletter',
    flags: metadataFlags.map((name) => `fetch_${name}`),
    answer: ({ channels, by }, _, { key }) => {
      const channel = channels.find(String(key));
      return channel ? shown(channel, by) : null;
    },
  },
  '24404358912487870': {
    path: 'xwa2_newsletter_join_v2',
    answer: (asking, { newsletter_id: id }) => {
      demandNotice(asking);
      const channel = channelIn(asking, id);
      if (!channel.members.has(asking.by)) channel.members.set(asking.by, 'SUBSCRIBER');
      channel.keep();
      return { id: channel.jid };
    },
  },
  '9767147403369991': {
    path: 'xwa2_newsletter_leave_v2',
    answer: (asking, { newsletter_id: id }) => {
      const channel = channelIn(asking, id);
      if (channel.members.get(asking.by) === 'OWNER') throw new GraphError(403, 'Forbidden');
      channel.members.delete(asking.by);
      channel.keep();
      return { id: channel.jid };
    },
  },
  '31938993655691868': {
    path: 'xwa2_newsletter_update_user_setting',
    answer: (asking, _, { newsletter_id: id, value }) => {
      const channel = channelIn(asking, id);
      if (!channel.members.has(asking.by)) throw new GraphError(403, 'Forbidden');
      if (value === 'ON') channel.muted.add(asking.by);
      else channel.muted.delete(asking.by);
      channel.keep();
      return { id: channel.jid };
    },
  },
  '30062808666639665': {
    path: 'xwa2_newsletter_delete_v2',
    answer: (asking, { newsletter_id: id }) => {
      const channel = channelIn(asking, id);
      if (channel.members.get(asking.by) !== 'OWNER') throw new GraphError(403, 'Forbidden');
      channel.deleted = true;
      channel.keep();
      return { id: channel.jid, state: { type: 'DELETED' } };
    },
  },
  '25399611239711790': {
    path: 'xwa2_newsletter_subscribed',
    flags: ['fetch_wamo_sub', 'fetch_status_metadata'],
    answer: ({ channels, by }) =>
      channels
        .list()
        .filter(({ members }) => members.has(by))
        .map((channel) => shown(channel, by)),
  },
  '26125047313831973': {
    path: 'xwa2_newsletters_directory_list',
    flags: ['fetch_status_metadata'],
    answer: ({ channels, by }, _, input) => {
      const { country_codes: countries, categories } = (input['filters'] ?? {}) as Variables;
      const isThere = ({ options: { country = 'US' } }: Channel) =>
        !Array.isArray(countries) || countries.includes(country);
      const found = channels.list().filter((channel) => isListed(channel, categories) && isThere(channel));
      return directory(found, input, by);
    },
  },
  '26301059626252132': {
    path: 'xwa2_newsletters_directory_search',
    flags: ['fetch_status_metadata'],
    answer: ({ channels, by }, _, input) => {
      const words = String(input['search_text'] ?? '').toLowerCase();
      const fits = ({ options: { name } }: Channel) => name.toLowerCase().includes(words);
      const found = channels.list().filter((channel) => isListed(channel, input['categories']) && fits(channel));
      return directory(found, input, by);
    },
  },
};

/** A channel as its GraphQL type has it: numbers are texts, and the viewer's role is in small letters. */
const shown = (channel: Channel, by: string) => {
  const { jid: id, options, createdAt, inviteCode, members, muted, deleted, strangers } = channel;
  const role = members.get(by);
  const picture = options.picture ? { id: '1', type: 'IMAGE', direct_path: options.picture } : null;
  const mute = { type: 'MUTE_ADMIN_ACTIVITY', value: muted.has(by) ? 'ON' : 'OFF' };
  return {
    id,
    state: { type: deleted ? 'DELETED' : 'ACTIVE' },
    thread_metadata: {
      creation_time: String(createdAt),
      name: { id: '1', text: options.name, update_time: `${createdAt}000000` },
      description: { id: '1', text: options.description ?? '', update_time: `${createdAt}000000` },
      invite: inviteCode,
      handle: null,
      picture,
      preview: picture && { ...picture, type: 'PREVIEW' },
      subscribers_count: String(strangers + [...members.values()].filter((one) => !AUTHORS.includes(one)).length),
      verification: options.verified ? 'VERIFIED' : 'UNVERIFIED',
    },
    viewer_metadata: role ? { role: role.toLowerCase(), settings: [mute] } : null,
  };
};
