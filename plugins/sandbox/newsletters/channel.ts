import { randomBytes } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import { mediaTypeOf, messageOf, stanzaTypeOf } from '../delivery/content.ts';
import { notify } from '../delivery/notify.ts';
import type { Sent } from '../delivery/prepared.ts';
import { sendUnencrypted } from '../delivery/unencrypted.ts';
import { type Attachment, publish } from '../files/attachments.ts';
import { digitsOf } from '../wire/jids.ts';
import { node } from '../wire/nodes.ts';
import type { Device } from '../world/people.ts';
import type { World } from '../world/world.ts';

export type ChannelRole = 'OWNER' | 'ADMIN' | 'SUBSCRIBER';

/** How a channel begins. */
export interface ChannelOptions {
  readonly name: string;
  readonly description?: string;
  /** A number. */
  readonly owner: string;
  readonly followers?: readonly string[];
  readonly verified?: boolean;
  /** Where its picture is, as a path. */
  readonly picture?: string;
  readonly country?: string;
  readonly category?: string;
  /** Its JID; a new one by default. */
  readonly jid?: string;
}

/** A post, as it is now. */
export interface ChannelPost {
  readonly id: string;
  readonly serverId: number;
  /** A number. */
  readonly author: string;
  /** Seconds. */
  readonly at: number;
  /** Empty when it was revoked. */
  message: proto.IMessage;
  editedAt?: number;
  views: number;
  /** What somebody reacted with, by number. */
  readonly reactions: Map<string, string>;
}

/** A channel as it is kept over a restart. */
export interface SavedChannel {
  readonly options: ChannelOptions;
  readonly inviteCode: string;
  readonly createdAt: number;
  readonly deleted: boolean;
  readonly strangers: number;
  readonly members: readonly (readonly [string, ChannelRole])[];
  readonly muted: readonly string[];
  readonly posts: readonly (Omit<ChannelPost, 'message' | 'reactions'> & {
    readonly content: Uint8Array;
    readonly reactions: readonly (readonly [string, string])[];
  })[];
}

/** So many posts of a channel are kept over a restart. */
const KEPT_POSTS = 100;

/** What changes a post: its number in `<message edit>`. */
export const EDIT = '3';
export const REVOKE = '8';

/** A channel: who runs and follows it, and what was posted. Posts are not encrypted, and have ids of the server's own. */
export class Channel {
  inviteCode = `0029Va${randomBytes(8).toString('hex')}`;
  readonly members = new Map<string, ChannelRole>();
  readonly muted = new Set<string>();
  readonly posts: ChannelPost[] = [];
  createdAt: number;
  readonly #world: World;
  deleted = false;
  /** Those who follow it and are nobody here. */
  strangers = 0;

  constructor(
    world: World,
    readonly jid: string,
    readonly options: ChannelOptions,
  ) {
    this.#world = world;
    this.createdAt = world.seconds();
    for (const number of options.followers ?? []) this.members.set(digitsOf(number), 'SUBSCRIBER');
    this.members.set(digitsOf(options.owner), 'OWNER');
  }

  /** Puts back what was kept over a restart. */
  restore(saved: SavedChannel): void {
    const { inviteCode, createdAt, deleted, strangers, members, muted, posts } = saved;
    Object.assign(this, { inviteCode, createdAt, deleted, strangers });
    this.members.clear();
    for (const [number, role] of members) this.members.set(number, role);
    for (const number of muted) this.muted.add(number);
    const revived = posts.map(({ content, reactions, ...post }) => ({
      ...{ ...post, message: proto.Message.decode(content), reactions: new Map(reactions) },
    }));
    this.posts.push(...revived);
  }

  /** Something of it changed: it is kept. */
  keep(): void {
    this.#world.journal?.mark('channel', this.jid, () => this.#saved());
  }

  /** Somebody follows, leaves (nothing), or gets another role, and that account's linked devices hear of it. */
  enroll(number: string, role: ChannelRole | undefined): void {
    if (role) this.members.set(number, role);
    else this.members.delete(number);
    this.keep();
    const operation = role ? 'NotificationNewsletterJoin' : 'NotificationNewsletterLeave';
    const field = `xwa2_notify_newsletter_on_${role ? 'join' : 'leave'}`;
    const data = { [field]: { id: this.jid, viewer_metadata: { role: role?.toLowerCase() ?? 'guest' } } };
    const update = node('update', { op_name: operation }, Buffer.from(JSON.stringify({ data })));
    for (const device of this.#world.person(number).devices.values()) notify(this.#world, device, 'mex', [update]);
  }

  runs(number: string): boolean {
    const role = this.members.get(number);
    return role === 'OWNER' || role === 'ADMIN';
  }

  /** Somebody posts; the devices of all who follow get it, but for the one that sent it. */
  post(
    by: string,
    content: string | proto.IMessage,
    { id = this.#world.newId(), from }: Posting = {},
  ): ChannelPost & Sent {
    const post: ChannelPost = {
      ...{ id, author: digitsOf(by), at: this.#world.seconds(), message: messageOf(content) },
      ...{ serverId: (this.posts.at(-1)?.serverId ?? 99) + 1, views: 0, reactions: new Map<string, string>() },
    };
    this.posts.push(post);
    this.keep();
    return Object.assign(post, this.#deliver(post, {}, from));
  }

  /** Somebody posts a file, which lies on the media server in clear. */
  postFile(by: string, file: Attachment): ChannelPost & Sent {
    return this.post(by, publish(this.#world.media, file, by));
  }

  /** A post becomes another one, or with null is taken back. False when there is none by this id. */
  change(id: string, content: string | proto.IMessage | null, from?: Device): boolean {
    const post = this.posts.find((one) => one.id === id);
    if (!post) return false;
    post.message = content === null ? {} : messageOf(content);
    post.editedAt = this.#world.seconds();
    this.keep();
    this.#deliver(post, { edit: content === null ? REVOKE : EDIT }, from);
    return true;
  }

  /** Somebody reacts to a post, or with nothing takes it back. False when there is no such post. */
  react(by: string, serverId: number, reaction: string | undefined): boolean {
    const post = this.posts.find((one) => one.serverId === serverId);
    if (reaction) post?.reactions.set(by, reaction);
    else post?.reactions.delete(by);
    if (post) this.#tellLive(post);
    return post !== undefined;
  }

  /** So many have seen a post. False when there is no such post. */
  view(serverId: number, views: number): boolean {
    const post = this.posts.find((one) => one.serverId === serverId);
    if (!post) return false;
    post.views = views;
    this.#tellLive(post);
    return true;
  }

  /** How many have seen a post and reacted to it, to everybody who follows (whatsmeow `parseNewsletterMessages`, zapo). */
  #tellLive({ serverId, views, reactions }: ChannelPost): void {
    this.keep();
    const counts = countsOf(reactions).map(([code, count]) => node('reaction', { code, count }));
    const post = [node('views_count', { count: views }), node('reactions', {}, counts)];
    const messages = node('messages', { t: this.#world.seconds() }, [node('message', { server_id: serverId }, post)]);
    for (const number of this.members.keys())
      for (const device of this.#world.person(number).devices.values())
        notify(this.#world, device, 'newsletter', [node('live_updates', {}, [messages])], this.jid);
  }

  #saved(): SavedChannel {
    const { options, inviteCode, createdAt, deleted, strangers, members, muted, posts } = this;
    return {
      ...{ options, inviteCode, createdAt, deleted, strangers, members: [...members], muted: [...muted] },
      posts: posts.slice(-KEPT_POSTS).map(({ message, reactions, ...post }) => ({
        ...{ ...post, content: proto.Message.encode(message).finish(), reactions: [...reactions] },
      })),
    };
  }

  #deliver(post: ChannelPost, more: Record<string, string>, from: Device | undefined): Sent {
    const author = this.#world.person(post.author);
    const body = proto.Message.encode(post.message).finish();
    const type = stanzaTypeOf(post.message);
    const common = { from: this.jid, id: post.id, server_id: post.serverId, t: this.#world.seconds(), type, ...more };
    const times = { msg_edit_t: post.editedAt, original_msg_t: post.at };
    const content = [
      node('plaintext', { mediatype: mediaTypeOf(post.message) }, body),
      ...(post.editedAt === undefined ? [] : [node('meta', times)]),
    ];
    const sent = [...this.members.keys()].map((number) => {
      const person = this.#world.person(number);
      const devices = [...person.devices.values()].filter((device) => device !== from);
      const own = person === author ? { is_sender: 'true' } : {};
      return sendUnencrypted(this.#world, author, node('message', { ...common, ...own }, content), devices);
    });
    return {
      id: post.id,
      deliveries: sent.flatMap(({ deliveries }) => deliveries),
      delivered: Promise.all(sent.map(({ delivered }) => delivered)).then(() => undefined),
    };
  }
}

/** How often each emoji was given. */
export const countsOf = (reactions: ReadonlyMap<string, string>): [code: string, count: number][] => {
  const counts = new Map<string, number>();
  for (const code of reactions.values()) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts];
};

interface Posting {
  readonly id?: string;
  /** The device that sent it. */
  readonly from?: Device;
}
