import type { BinaryNode } from '@whiskeysockets/baileys';
import { settle } from '../delivery/delivery.ts';
import type { Directory } from '../directory.ts';
import type { Client } from '../world/people.ts';
import type { World } from '../world/world.ts';

const UNDECRYPTABLE = '500';

/** The product has taken a stanza, or refused it (`error`). Either way it is not sent again. */
export function onAck(world: World, connection: Client, stanza: BinaryNode, { linkings }: Directory): void {
  const { device } = connection;
  const { id = '', type = '', participant = '', error } = stanza.attrs;
  if (!device) return void linkings.confirmed(connection, id);
  if (stanza.attrs['class'] === 'receipt') {
    settle(world, device, `receipt:${type}:${id}:${participant}`, 'ack');
    return;
  }
  if (stanza.attrs['class'] === 'notification') {
    settle(world, device, `notification:${id}`, 'ack');
    return;
  }
  const delivery = device.mailbox.get(`message:${id}`)?.delivery;
  // Baileys follows each retry receipt with a 500: the message is on its way again, so that one says nothing new.
  if (delivery && error === UNDECRYPTABLE && delivery.retries > (delivery.refusals ?? 0)) {
    delivery.refusals = (delivery.refusals ?? 0) + 1;
    return;
  }
  settle(world, device, `message:${id}`, error === undefined ? 'ack' : 'nack', error ? Number(error) : undefined);
}
