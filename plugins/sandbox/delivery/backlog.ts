import type { BinaryNode } from '@whiskeysockets/baileys';
import { SERVER } from '../wire/jids.ts';
import { node } from '../wire/nodes.ts';
import type { Parcel } from '../world/mailbox.ts';
import type { Client, Device } from '../world/people.ts';
import type { World } from '../world/world.ts';
import { handOver } from './delivery.ts';

/** What a parcel counts as in the preview. */
const kindOf = ({ key }: Parcel): string => key.split(':', 1)[0] ?? '';

/**
 * Tells a device that has logged in what waits for it (docs/protocol.md, "What waited on the server"). It then has to ask
 * for it, batch by batch; until all of it was sent, nothing else is. False when nothing waits.
 */
export function announceBacklog(connection: Client, device: Device): boolean {
  const parcels = device.mailbox.pending();
  if (parcels.length === 0) return false;
  device.backlog = new Set();
  const count = (kind: string): number => parcels.filter((parcel) => kindOf(parcel) === kind).length;
  const counts = { message: count('message'), notification: count('notification'), receipt: count('receipt') };
  const preview = node('offline_preview', { count: parcels.length, ...counts, call: 0, appdata: 0 });
  connection.send(node('ib', { from: SERVER }, [preview]));
  return true;
}

/** Sends so much of what waits, in the order it came. Gives whether that was all: also of what has come since. */
export function sendBatch(world: World, connection: Client, device: Device, count: number): boolean {
  const sent = device.backlog;
  if (!sent) return false;
  const left = device.mailbox.pending().filter(({ key }) => !sent.has(key));
  for (const parcel of left.slice(0, count)) {
    handOver(world, connection, parcel, sent.size);
    sent.add(parcel.key);
  }
  return left.length <= count;
}

/** That was all: from here on the device gets what comes at once. */
export function endBacklog(connection: Client, device: Device): BinaryNode {
  const count = device.backlog?.size ?? 0;
  device.backlog = undefined;
  connection.active = true;
  return node('ib', { from: SERVER }, [node('offline', { count })]);
}
