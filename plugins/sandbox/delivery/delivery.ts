import type { BinaryNode } from '@whiskeysockets/baileys';
import { encodeStanza } from '../wire/encoding.ts';
import { SERVER } from '../wire/jids.ts';
import { bytesOf, node } from '../wire/nodes.ts';
import type { Delivery, Parcel } from '../world/mailbox.ts';
import type { Client, Device } from '../world/people.ts';
import type { World } from '../world/world.ts';

const LOW_STOCK = 5;

/** Puts something into a device's mailbox, and sends it at once when the device is live. */
export function post(world: World, device: Device, parcel: Parcel): void {
  device.mailbox.put(parcel);
  if (device.online && device.connection) handOver(world, device.connection, parcel);
}

/** Sends everything that waits once more, in the order it came. */
export function handOverAll(world: World, device: Device): void {
  const { connection } = device;
  if (connection) for (const parcel of device.mailbox.pending()) handOver(world, connection, parcel);
}

/** Writes something to a connection. `offline` is its place among what waited. */
export function handOver(world: World, connection: Client, parcel: Parcel, offline?: number): void {
  const { delivery, encoded } = parcel;
  const garbled = delivery && world.faults.strike('garble', connection) !== undefined;
  const newTime = delivery && delivery.handedOver > 0 ? timeOf(world, connection, parcel) : undefined;
  let written: boolean;
  if (encoded && offline === undefined && !garbled && !newTime) written = connection.sendEncoded(() => encoded);
  else {
    const stanza = garbled ? garble(parcel.node) : parcel.node;
    const attrs = { ...stanza.attrs, ...(offline === undefined ? {} : { offline: String(offline) }), ...newTime };
    written = connection.sendEncoded(() => encodeStanza({ ...stanza, attrs }));
  }
  if (!written || !delivery) return;
  delivery.handedOver += 1;
  world.stats.handedOver += 1;
  world.events.emit('handed-over', delivery);
}

/** The time of this moment, later than that of the parcel, when what comes again is to have it. */
function timeOf(world: World, connection: Client, { node: { attrs } }: Parcel): { t: string } | undefined {
  if (!world.faults.strike('new-time', connection)) return undefined;
  return { t: String(Math.max(world.seconds(), Number(attrs['t']) + 1)) };
}

/** Takes a confirmed parcel out of the mailbox. Nothing happens when it is not there: confirmations may come twice. */
export function settle(
  world: World,
  device: Device,
  key: string,
  outcome: NonNullable<Delivery['outcome']>,
  code?: number,
): void {
  const parcel = device.mailbox.take(key);
  if (parcel) close(world, parcel, outcome, code);
}

/** Gives up everything that still waits for a device that is gone. */
export function abandon(world: World, device: Device): void {
  for (const parcel of device.mailbox.empty()) close(world, parcel, 'unlinked');
}

function close(world: World, parcel: Parcel, outcome: NonNullable<Delivery['outcome']>, code?: number): void {
  const { delivery } = parcel;
  if (delivery) {
    delivery.settledAt = world.clock.now();
    delivery.outcome = outcome;
    if (code !== undefined) delivery.code = code;
    if (outcome === 'nack') world.stats.refusedByClient += 1;
    else if (outcome !== 'unlinked') world.stats.delivered += 1;
    world.events.emit('settled', delivery);
  }
  parcel.settled?.(parcel);
}

/** Answers a retry receipt: the message is encrypted anew and sent under the same id (docs/protocol.md, "Messages"). */
export async function sendAgain(world: World, device: Device, retry: BinaryNode, count: number): Promise<void> {
  const parcel = device.mailbox.get(`message:${retry.attrs['id']}`);
  if (!parcel?.delivery || !parcel.remake) return;
  parcel.delivery.retries += 1;
  world.stats.retries += 1;
  world.events.emit('retry', { delivery: parcel.delivery, count });
  const { t } = parcel.node.attrs;
  parcel.node = await parcel.remake(count, retry);
  // Its time is that of this sending, not of the first one: no client may take the two for two messages.
  parcel.node.attrs['t'] = String(Math.max(world.seconds(), Number(t) + 1));
  delete parcel.encoded;
  if (device.mailbox.get(parcel.key) !== parcel) return;
  device.mailbox.put(parcel);
  const { connection } = device;
  if (connection && (device.online || device.backlog?.has(parcel.key))) handOver(world, connection, parcel);
}

/** Tells a device that its stock of one-time keys is low, once per upload (docs/protocol.md, "Messages"). */
export function announceLowStock(world: World, device: Device): void {
  const stock = device.preKeys.length;
  if (stock >= LOW_STOCK || device.lowStockAnnounced) return;
  device.lowStockAnnounced = true;
  const id = world.newId();
  const attrs = { from: SERVER, type: 'encrypt', id, t: world.seconds() };
  const stanza = node('notification', attrs, [node('count', { value: stock })]);
  post(world, device, { key: `notification:${id}`, node: stanza });
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
