import type { BinaryNode } from '@whiskeysockets/baileys';
import { snapshotOf } from '../app-state/snapshot.ts';
import type { Directory } from '../directory.ts';
import type { Phone } from '../people/phone.ts';
import { bytesOf, childOf, childrenOf, node, refusal, result } from '../wire/nodes.ts';
import type { Client, Device } from '../world/people.ts';
import type { World } from '../world/world.ts';

/** A past of so many patches comes as a snapshot. */
const SNAPSHOT_FROM = 10;

/** App state: gives the patches a device has not seen, and takes its own (docs/protocol.md, "History and app state"). */
export function onAppState(world: World, connection: Client, stanza: BinaryNode, directory: Directory): void {
  const { device } = connection;
  if (!device) return void connection.send(result(stanza));
  answer(world, directory, device, stanza)
    .then((sent) => connection.send(sent))
    .catch((error: unknown) => world.broken(connection, error));
}

async function answer(world: World, directory: Directory, device: Device, stanza: BinaryNode): Promise<BinaryNode> {
  const phone = directory.phone(device.person.number);
  const answers: BinaryNode[] = [];
  for (const asked of childrenOf(childOf(stanza, 'sync'), 'collection')) {
    const { name = '', version = '0' } = asked.attrs;
    const patch = bytesOf(childOf(asked, 'patch'));
    if (patch && !(await take(world, phone, device, name, Number(version), patch)))
      return refusal(stanza, 409, 'conflict');
    const patches = phone.appState.patches(name);
    const { number } = device.person;
    const content = patch ? [] : unseen(world, number, patches, asked.attrs);
    if (!patch) world.events.emit('app-state-read', { phone: number, device: device.id, collection: name });
    answers.push(node('collection', { name, version: patches.length, has_more_patches: 'false' }, content));
  }
  return result(stanza, [node('sync', {}, answers)]);
}

/** What a device has not seen: patches, or when it begins from nothing with a long past, a snapshot. */
function unseen(
  world: World,
  number: string,
  patches: readonly Uint8Array[],
  { version = '0', return_snapshot: snapshot }: BinaryNode['attrs'],
): BinaryNode[] {
  if (snapshot === 'true' && patches.length >= SNAPSHOT_FROM) {
    const reference = snapshotOf(world.media, patches, number);
    if (reference) return [node('snapshot', {}, reference)];
  }
  const left = patches.slice(Number(version)).map((one) => node('patch', {}, one));
  return left.length ? [node('patches', {}, left)] : [];
}

/** False when the patch does not fit, or the phone cannot read it. */
async function take(
  world: World,
  phone: Phone,
  device: Device,
  collection: string,
  version: number,
  patch: Buffer,
): Promise<boolean> {
  const entries = await phone.appState.append(collection, version, patch);
  if (typeof entries === 'string') return false;
  world.events.emit('app-state', { phone: phone.number, collection, version: version + 1, entries });
  phone.announce(collection, device);
  return true;
}
