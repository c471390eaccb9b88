import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Network } from '../network.ts';
import type { Device } from '../people/people.ts';
import { SERVER } from '../wire/jids.ts';
import { node } from '../wire/nodes.ts';
import { post } from './delivery.ts';

/** Tells a linked device of something; it waits in the mailbox until the device has confirmed it. */
export function notify(network: Network, device: Device, type: string, content: BinaryNode[], from = SERVER): void {
  const id = network.newId();
  const stanza = node('notification', { from, type, id, t: network.seconds() }, content);
  post(network, device, { key: `notification:${id}`, node: stanza });
}
