import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Delivery, Parcel } from '../world/mailbox.ts';
import type { Device, Person } from '../world/people.ts';
import type { World } from '../world/world.ts';
import type { Sent } from './prepared.ts';
import { dispatch } from './sending.ts';

/** Sends a message stanza that holds no ciphertext to devices: they confirm it like any other. */
export function sendUnencrypted(world: World, person: Person, stanza: BinaryNode, devices: readonly Device[]): Sent {
  const id = stanza.attrs['id'] ?? '';
  const sendTo = (device: Device): { delivery: Delivery; settled: Promise<void> } => {
    const times = { queuedAt: world.clock.now(), handedOver: 0, retries: 0 };
    const delivery: Delivery = { id, from: person.number, to: device.number, device: device.id, ...times };
    const settled = new Promise<void>((resolve) => {
      const parcel: Parcel = { key: `message:${id}`, node: stanza, delivery, settled: () => resolve() };
      dispatch(world, device, parcel);
    });
    return { delivery, settled };
  };
  const sent = devices.map(sendTo);
  return {
    id,
    deliveries: sent.map(({ delivery }) => delivery),
    delivered: Promise.all(sent.map(({ settled }) => settled)).then(() => undefined),
  };
}
