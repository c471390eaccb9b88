import { type Channel, type ChannelListResult, type ChannelMessage, type Newsletters, notFound } from 'waha-runtime';
import type { ChannelSearch, CreateChannel } from 'waha-runtime/engine';
import type { GraphQueries, GraphQuery } from '../../config.ts';
import type { MediaIn } from '../../media/media-in.ts';
import { messagePayload } from '../../messages/payload.ts';
import { askGraph } from '../../socket/graph-queries.ts';
import type { Requests } from '../../socket/requests.ts';
import { askServer } from '../../socket/server-queries.ts';
import type { BaileysSocket } from '../../socket/socket.ts';
import { squareJpeg } from '../profile-picture.ts';
import { channelNamed, channelOf, type GraphChannel, isThere, publicInfoOf } from './channel.ts';
import { postsIn } from './posts.ts';

/** WhatsApp's own clients accept this notice before they follow or make the first channel. */
const NOTICE = { id: '20601218', stage: '5' };

export interface NewslettersOptions {
  readonly requests: Requests;
  readonly media: MediaIn;
  readonly queries: GraphQueries;
  me(): string | undefined;
}

interface Directory {
  readonly page_info?: {
    readonly startCursor?: string | null;
    readonly endCursor?: string | null;
    readonly hasNextPage?: boolean;
    readonly hasPreviousPage?: boolean;
  } | null;
  readonly result?: readonly GraphChannel[] | null;
}

/** Channels, by the queries of today's WhatsApp Web: Baileys' own are older, and half of them are missing. */
export class BaileysNewsletters implements Newsletters {
  readonly #options: NewslettersOptions;
  #accepted = false;

  constructor(options: NewslettersOptions) {
    this.#options = options;
  }

  async list(): Promise<Channel[]> {
    const path = 'xwa2_newsletter_subscribed';
    const found = await this.#ask('followed', path, { fetch_wamo_sub: false, fetch_status_metadata: false });
    return ((found ?? []) as GraphChannel[]).filter(isThere).map((channel) => channelOf(channel, 'SUBSCRIBER'));
  }

  async create({ name, description = '', picture }: CreateChannel): Promise<Channel> {
    const jpeg = picture ? await squareJpeg(picture) : null;
    const input = { name, description, picture: jpeg?.toString('base64') ?? null };
    await this.#acceptNotice();
    const made = (await this.#ask('create', 'xwa2_newsletter_create', { input })) as GraphChannel;
    return channelOf(made, 'OWNER');
  }

  async get(channel: string): Promise<Channel> {
    const input = { ...channelNamed(channel), view_role: 'GUEST' };
    // Those that are left out make WhatsApp refuse the whole query.
    const found = (await this.#ask('metadata', 'xwa2_newsletter', {
      input,
      fetch_full_image: true,
      fetch_creation_time: true,
      fetch_viewer_metadata: true,
      fetch_wamo_sub: false,
      fetch_status_metadata: false,
      fetch_pinned_messages: false,
    })) as GraphChannel | null;
    if (!found || !isThere(found)) throw notFound(`there is no channel '${channel}'`);
    return channelOf(found);
  }

  async remove(channel: string): Promise<void> {
    await this.#ask('delete', 'xwa2_newsletter_delete_v2', { newsletter_id: await this.#idOf(channel) });
  }

  async preview(channel: string, options: { limit: number; downloadMedia: boolean }): Promise<ChannelMessage[]> {
    const { key, type } = channelNamed(channel);
    const which = type === 'JID' ? { type: 'jid', jid: key } : { type: 'invite', key };
    const messages = { tag: 'messages', attrs: { ...which, count: String(options.limit) } };
    const { requests, media, me } = this.#options;
    const answer = await requests
      .call('the posts of the channel', (sock) => askServer(sock, { xmlns: 'newsletter', type: 'get' }, messages))
      .catch((error: { details?: { body?: { code?: unknown } } }) => {
        throw error.details?.body?.code === 404 ? notFound(`there is no channel '${channel}'`) : error;
      });
    return Promise.all(
      postsIn(answer).map(async ({ raw, reactions, views }) => {
        const file = (options.downloadMedia ? await media.fetch(raw) : media.describe(raw)) ?? undefined;
        return { message: messagePayload(raw, { me: me(), source: 'app', media: file }), reactions, viewCount: views };
      }),
    );
  }

  async follow(channel: string, follows: boolean): Promise<void> {
    const newsletter_id = await this.#idOf(channel);
    if (!follows) return void (await this.#ask('unfollow', 'xwa2_newsletter_leave_v2', { newsletter_id }));
    await this.#acceptNotice();
    await this.#ask('follow', 'xwa2_newsletter_join_v2', { newsletter_id });
  }

  async mute(channel: string, muted: boolean): Promise<void> {
    const newsletter_id = await this.#idOf(channel);
    const input = { newsletter_id, type: 'MUTE_ADMIN_ACTIVITY', value: muted ? 'ON' : 'OFF' };
    await this.#ask('setting', 'xwa2_newsletter_update_user_setting', { input });
  }

  async search({ by, categories, limit, startCursor: start_cursor }: ChannelSearch): Promise<ChannelListResult> {
    const isView = 'view' in by;
    const input = isView
      ? { view: by.view, filters: { country_codes: by.countries, categories }, limit, start_cursor }
      : { search_text: by.text, categories, limit, start_cursor };
    const path = `xwa2_newsletters_directory_${isView ? 'list' : 'search'}`;
    const found = await this.#ask(isView ? 'byView' : 'byText', path, { input, fetch_status_metadata: false });
    const { page_info: page, result } = (found ?? {}) as Directory;
    return {
      page: {
        startCursor: page?.startCursor ?? null,
        endCursor: page?.endCursor ?? null,
        hasNextPage: page?.hasNextPage === true,
        hasPreviousPage: page?.hasPreviousPage === true,
      },
      channels: (result ?? []).filter(isThere).map(publicInfoOf),
    };
  }

  /** Its id; WhatsApp is asked for that of an invitation. */
  async #idOf(channel: string): Promise<string> {
    const { key, type } = channelNamed(channel);
    return type === 'JID' ? key : (await this.get(channel)).id;
  }

  #ask(query: GraphQuery, path: string, variables: object): Promise<unknown> {
    const what = 'what was asked of the channel';
    const id = this.#options.queries[query];
    const refusals = { gone: 'there is no such channel', denied: 'the account may not do this with the channel' };
    return this.#call((sock) => askGraph(sock, { id, path, what, ...refusals }, variables));
  }

  async #acceptNotice(): Promise<void> {
    if (this.#accepted) return;
    await this.#call((sock) => askServer(sock, { xmlns: 'tos', type: 'set' }, { tag: 'notice', attrs: NOTICE }));
    this.#accepted = true;
  }

  #call<T>(action: (sock: BaileysSocket) => Promise<T>): Promise<T> {
    return this.#options.requests.call('the channel', action);
  }
}
