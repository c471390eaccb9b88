import { type BinaryNode, encodeBinaryNode } from '@whiskeysockets/baileys';
import type { Network } from '../network.ts';
import type { Device } from '../people/people.ts';
import type { Connection } from '../wire/connection.ts';
import { SERVER } from '../wire/jids.ts';
import { bytesOf, node } from '../wire/nodes.ts';
import type { Delivery, Parcel } from './mailbox.ts';

const LOW_STOCK = 5;

/** Puts something into a device's mailbox, and sends it at once when the device is live. */
export function post(network: Network, device: Device, parcel: Parcel): void {
  device.mailbox.put(parcel);
  if (device.online && device.connection) handOver(network, device.connection, parcel);
}

/** Sends everything that waits, in the order it came. `offline` marks it as having waited (SANDBOX.md section 6). */
export function handOverAll(network: Network, device: Device, offline: boolean): number {
  const parcels = device.mailbox.pending();
  const connection = device.connection;
  if (!connection) return 0;
  parcels.forEach((parcel, index) => {
    handOver(network, connection, parcel, offline ? index : undefined);
  });
  return parcels.length;
}

function handOver(network: Network, connection: Connection, parcel: Parcel, offline?: number): void {
  const { delivery, encoded } = parcel;
  const garbled = delivery && network.faults.strike('garble', connection) !== undefined;
  let written: boolean;
  if (encoded && offline === undefined && !garbled) written = connection.sendEncoded(() => encoded);
  else {
    const stanza = garbled ? garble(parcel.node) : parcel.node;
    const attrs = offline === undefined ? stanza.attrs : { ...stanza.attrs, offline: String(offline) };
    written = connection.sendEncoded(() => encodeBinaryNode({ ...stanza, attrs }));
  }
  if (!written || !delivery) return;
  delivery.handedOver += 1;
  network.stats.handedOver += 1;
  network.events.emit('handed-over', delivery);
}

/** Takes a confirmed parcel out of the mailbox. Nothing happens when it is not there: confirmations may come twice. */
export function settle(
  network: Network,
  device: Device,
  key: string,
  outcome: NonNullable<Delivery['outcome']>,
  code?: number,
): void {
  const parcel = device.mailbox.take(key);
  if (parcel) close(network, parcel, outcome, code);
}

/** Gives up everything that still waits for a device that is gone. */
export function abandon(network: Network, device: Device): void {
  for (const parcel of device.mailbox.empty()) close(network, parcel, 'unlinked');
}

function close(network: Network, parcel: Parcel, outcome: NonNullable<Delivery['outcome']>, code?: number): void {
  const { delivery } = parcel;
  if (delivery) {
    delivery.settledAt = network.clock.now();
    delivery.outcome = outcome;
    if (code !== undefined) delivery.code = code;
    if (outcome === 'nack') network.stats.refusedByClient += 1;
    else if (outcome !== 'unlinked') network.stats.delivered += 1;
    network.events.emit('settled', delivery);
  }
  parcel.settled?.(parcel);
}

/** Answers a retry receipt: the message is encrypted anew and sent under the same id (SANDBOX.md section 6). */
export async function sendAgain(network: Network, device: Device, retry: BinaryNode, count: number): Promise<void> {
  const parcel = device.mailbox.get(`message:${retry.attrs['id']}`);
  if (!parcel?.delivery || !parcel.remake) return;
  parcel.delivery.retries += 1;
  network.stats.retries += 1;
  network.events.emit('retry', { delivery: parcel.delivery, count });
  parcel.node = await parcel.remake(count, retry);
  delete parcel.encoded;
  if (device.mailbox.get(parcel.key) !== parcel) return;
  device.mailbox.put(parcel);
  if (device.online && device.connection) handOver(network, device.connection, parcel);
}

/** Tells a device that its stock of one-time keys is low, once per upload (SANDBOX.md section 6). */
export function announceLowStock(network: Network, device: Device): void {
  const stock = device.preKeys.length;
  if (stock >= LOW_STOCK || device.lowStockAnnounced) return;
  device.lowStockAnnounced = true;
  const id = network.newId();
  const attrs = { from: SERVER, type: 'encrypt', id, t: network.seconds() };
  const stanza = node('notification', attrs, [node('count', { value: stock })]);
  post(network, device, { key: `notification:${id}`, node: stanza });
}

/** A copy of a message stanza whose ciphertext no longer authenticates. */
function garble(message: BinaryNode): BinaryNode {
  if (!Array.isArray(message.content)) return message;
  const content = message.content.map((child) => {
    const bytes = child.tag === 'enc' ? bytesOf(child) : undefined;
    if (!bytes) return child;
    const at = Math.max(0, bytes.length - 14);
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    return { ...child, content: bytes };
  });
  return { ...message, content };
}
