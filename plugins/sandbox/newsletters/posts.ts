import { proto } from '@whiskeysockets/baileys';
import { stanzaTypeOf } from '../delivery/content.ts';
import type { Sent } from '../delivery/prepared.ts';
import { dispatch } from '../delivery/sending.ts';
import { node } from '../wire/nodes.ts';
import type { Parcel } from '../world/mailbox.ts';
import type { Device, Person } from '../world/people.ts';
import type { World } from '../world/world.ts';

/** Whether a chat is a channel. */
export const isChannel = (chat: string): boolean => /^\d+@newsletter$/.test(chat);

/**
 * Somebody posts in a channel (`<digits>@newsletter`) that these devices read. A channel's posts are not encrypted
 * (`<plaintext>`), and nobody is their author.
 */
export const postInChannel = (
  world: World,
  person: Person,
  chat: string,
  message: proto.IMessage,
  devices: readonly Device[],
): Sent => {
  const id = world.newId();
  const body = proto.Message.encode(message).finish();
  const attrs = { from: chat, id, server_id: world.deliveries.length + 100, t: world.seconds() };
  const stanza = node('message', { ...attrs, type: stanzaTypeOf(message) }, [node('plaintext', {}, body)]);
  const times = { queuedAt: world.clock.now(), handedOver: 0, retries: 0 };
  const parcels = devices.map((device): { device: Device; parcel: Parcel; settled: Promise<void> } => {
    const delivery = { id, from: person.number, to: device.person.number, device: device.id, ...times };
    let settle: () => void = () => undefined;
    const settled = new Promise<void>((resolve) => {
      settle = resolve;
    });
    return { device, parcel: { key: `message:${id}`, node: stanza, delivery, settled: () => settle() }, settled };
  });
  for (const { device, parcel } of parcels) dispatch(world, device, parcel);
  return {
    id,
    deliveries: parcels.flatMap(({ parcel }) => parcel.delivery ?? []),
    delivered: Promise.all(parcels.map(({ settled }) => settled)).then(() => undefined),
  };
};
