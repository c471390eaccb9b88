import type { BinaryNode } from '@whiskeysockets/baileys';
import { SERVER } from '../wire/jids.ts';
import { node } from '../wire/nodes.ts';
import type { Device } from '../world/people.ts';
import type { World } from '../world/world.ts';
import { post } from './delivery.ts';

/** Tells a linked device of something; it waits in the mailbox until the device has confirmed it. */
export function notify(world: World, device: Device, type: string, content: BinaryNode[], from = SERVER): void {
  const id = world.newId();
  const stanza = node('notification', { from, type, id, t: world.seconds() }, content);
  post(world, device, { key: `notification:${id}`, node: stanza });
}
