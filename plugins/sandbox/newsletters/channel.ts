import { randomBytes } from 'node:crypto';
import { proto } from '@whiskeysockets/baileys';
import { messageOf, stanzaTypeOf } from '../delivery/content.ts';
import type { Sent } from '../delivery/prepared.ts';
import { sendUnencrypted } from '../delivery/unencrypted.ts';
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

/** What changes a post: its number in `<message edit>`. */
export const EDIT = '3';
export const REVOKE = '8';

/** A channel: who runs and follows it, and what was posted. Posts are not encrypted, and have ids of the server's own. */
export class Channel {
  readonly inviteCode = `0029Va${randomBytes(8).toString('hex')}`;
  readonly members = new Map<string, ChannelRole>();
  readonly muted = new Set<string>();
  readonly posts: ChannelPost[] = [];
  readonly createdAt: number;
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
      ...{ serverId: 100 + this.posts.length, views: 0, reactions: new Map<string, string>() },
    };
    this.posts.push(post);
    return Object.assign(post, this.#deliver(post, {}, from));
  }

  /** A post becomes another one, or with null is taken back. False when there is none by this id. */
  change(id: string, content: string | proto.IMessage | null, from?: Device): boolean {
    const post = this.posts.find((one) => one.id === id);
    if (!post) return false;
    post.message = content === null ? {} : messageOf(content);
    post.editedAt = this.#world.seconds();
    this.#deliver(post, { edit: content === null ? REVOKE : EDIT }, from);
    return true;
  }

  /** Somebody reacts to a post, or with nothing takes it back. False when there is no such post. */
  react(by: string, serverId: number, reaction: string | undefined): boolean {
    const post = this.posts.find((one) => one.serverId === serverId);
    if (reaction) post?.reactions.set(by, reaction);
    else post?.reactions.delete(by);
    return post !== undefined;
  }

  #deliver(post: ChannelPost, more: Record<string, string>, from: Device | undefined): Sent {
    const author = this.#world.person(post.author);
    const body = proto.Message.encode(post.message).finish();
    const type = stanzaTypeOf(post.message);
    const common = { from: this.jid, id: post.id, server_id: post.serverId, t: this.#world.seconds(), type, ...more };
    const times = { msg_edit_t: post.editedAt, original_msg_t: post.at };
    const content = [node('plaintext', {}, body), ...(post.editedAt === undefined ? [] : [node('meta', times)])];
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

interface Posting {
  readonly id?: string;
  /** The device that sent it. */
  readonly from?: Device;
}
