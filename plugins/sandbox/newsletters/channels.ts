import type { World } from '../world/world.ts';
import { Channel, type ChannelOptions, type SavedChannel } from './channel.ts';

/** All channels. */
export class Channels {
  /** Numbers whose account has accepted the notice about channels. */
  readonly accepted = new Set<string>();
  readonly #world: World;
  readonly #channels = new Map<string, Channel>();

  constructor(world: World) {
    this.#world = world;
  }

  create(options: ChannelOptions): Channel {
    const number = `12036${String(Date.now()).slice(-9)}${String(this.#channels.size).padStart(4, '0')}`;
    const { jid = `${number}@newsletter` } = options;
    const channel = new Channel(this.#world, jid, options);
    this.#channels.set(jid, channel);
    channel.keep();
    return channel;
  }

  /** Puts back a channel that was kept over a restart. */
  restore(jid: string, saved: SavedChannel): void {
    const channel = new Channel(this.#world, jid, saved.options);
    channel.restore(saved);
    this.#channels.set(jid, channel);
  }

  /** An account accepts the notice about channels. */
  accept(number: string): void {
    this.accepted.add(number);
    this.#world.journal?.mark('channel-notice', number, () => true);
  }

  /** By its JID or the code of its invitation; those that were deleted, too. */
  find(key: string | undefined): Channel | undefined {
    return this.#channels.get(key ?? '') ?? this.list().find(({ inviteCode }) => inviteCode === key);
  }

  list(): Channel[] {
    return [...this.#channels.values()];
  }
}
