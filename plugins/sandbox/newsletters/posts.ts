import { proto } from '@whiskeysockets/baileys';
import { stanzaTypeOf } from '../delivery/content.ts';
import type { Sent } from '../delivery/prepared.ts';
import { sendUnencrypted } from '../delivery/unencrypted.ts';
import { node } from '../wire/nodes.ts';
import type { Device, Person } from '../world/people.ts';
import type { World } from '../world/world.ts';

/** Whether a chat is a channel. */
export const isChannel = (chat: string): boolean => /^\d+@newsletter$/.test(chat);

/**
 * Somebody posts in a channel (`<digits>@newsletter`) that these devices read. A channel's posts are not encrypted
 * (`<plaintext>`), and nobody is their author.
 */
export function postInChannel(
  world: World,
  person: Person,
  chat: string,
  message: proto.IMessage,
  devices: readonly Device[],
): Sent {
  const body = proto.Message.encode(message).finish();
  const attrs = { from: chat, id: world.newId(), server_id: world.deliveries.length + 100, t: world.seconds() };
  const stanza = node('message', { ...attrs, type: stanzaTypeOf(message) }, [node('plaintext', {}, body)]);
  return sendUnencrypted(world, person, stanza, devices);
}
