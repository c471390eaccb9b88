import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren } from '@whiskeysockets/baileys';
import type { BaileysSocket } from '../socket/socket.ts';

type Events = Pick<BaileysSocket, 'ev'>;

/** A push of GraphQL about a channel: the field of its data, by `op_name`. */
const pushes: Readonly<Record<string, string>> = {
  NotificationNewsletterJoin: 'xwa2_notify_newsletter_on_join',
  NotificationNewsletterLeave: 'xwa2_notify_newsletter_on_leave',
  NotificationNewsletterUpdate: 'xwa2_notify_newsletter_on_metadata_update',
  NotificationNewsletterStateChange: 'xwa2_notify_newsletter_on_state_change',
  NotificationNewsletterUserSettingChange: 'xwa2_notify_newsletter_on_mute_change',
};

/**
 * What becomes of channels, as Baileys' own events of old: it drops today's `<live_updates>` (how many have seen a post, and reacted
 * to it), and reads pushes in a form that WhatsApp has left. `ev` passes them on as `engine.event`. What Baileys tells of the same
 * stanza afterwards is not told again.
 */
export const tellChannelNews = ({ ws, ev: events }: Pick<BaileysSocket, 'ws' | 'ev'>): void => {
  const ev = toldOnce(events);
  ws.on('CB:notification,type:newsletter', ({ attrs, content }: BinaryNode) => {
    ev.forget();
    const id = attrs['from'] ?? '';
    for (const update of Array.isArray(content) ? content : []) {
      if (update.tag !== 'live_updates') continue;
      const posts = getBinaryNodeChildren(getBinaryNodeChild(update, 'messages') ?? update, 'message');
      for (const post of posts) tellPost(ev, id, post);
    }
  });
  ws.on('CB:notification,type:mex', (stanza: BinaryNode) => {
    ev.forget();
    for (const update of getBinaryNodeChildren(stanza, 'update')) {
      const data = dataIn(update, pushes[update.attrs['op_name'] ?? '']);
      if (data?.id) ev.emit('newsletter-settings.update', { id: data.id, update: data });
    }
  });
};

/** Emits what is ours, and drops what Baileys emits of the same thing after it, until the next stanza. */
interface ToldOnce extends Pick<Events['ev'], 'emit'> {
  forget(): void;
}

const toldOnce = (ev: Events['ev']): ToldOnce => {
  const told = new Set<string>();
  const emit: typeof ev.emit = ev.emit.bind(ev);
  ev.emit = (event, data) => !(event.startsWith('newsletter') && told.has(nameOf(event, data))) && emit(event, data);
  return {
    emit: (event, data) => {
      told.add(nameOf(event, data));
      return emit(event, data);
    },
    forget: () => told.clear(),
  };
};

interface ChannelNews {
  readonly id: string;
  readonly server_id?: string;
  readonly count?: number;
  readonly reaction?: { readonly code?: string; readonly count?: number };
}

const nameOf = (event: string, news: unknown): string => {
  const { id, server_id, count, reaction } = news as ChannelNews;
  return JSON.stringify([event, id, server_id, count, reaction?.code, reaction?.count]);
};

const tellPost = (ev: Pick<Events['ev'], 'emit'>, id: string, post: BinaryNode): void => {
  const server_id = post.attrs['server_id'] ?? '';
  const views = getBinaryNodeChild(post, 'views_count')?.attrs['count'];
  if (views !== undefined) ev.emit('newsletter.view', { id, server_id, count: Number(views) });
  for (const { attrs } of getBinaryNodeChildren(getBinaryNodeChild(post, 'reactions'), 'reaction')) {
    const reaction = { code: attrs['code'] ?? '', count: Number(attrs['count'] ?? 0) };
    ev.emit('newsletter.reaction', { id, server_id, reaction });
  }
};

/** What a push says of a channel; null for one of something else, or that cannot be read. */
const dataIn = ({ content }: BinaryNode, field: string | undefined): { readonly id?: string } | null => {
  if (field === undefined || !(content instanceof Uint8Array)) return null;
  try {
    return JSON.parse(Buffer.from(content).toString())?.data?.[field] ?? null;
  } catch {
    return null;
  }
};
