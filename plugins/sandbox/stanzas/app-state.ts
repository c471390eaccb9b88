import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Network } from '../network.ts';
import { snapshotOf } from '../people/app-state-snapshot.ts';
import type { Device } from '../people/people.ts';
import type { Connection } from '../wire/connection.ts';
import { bytesOf, childOf, childrenOf, node, refusal, result } from '../wire/nodes.ts';

/** A past of so many patches comes as a snapshot. */
const SNAPSHOT_FROM = 10;

/** App state: gives the patches a device has not seen, and takes its own (SANDBOX.md section 7). */
export function onAppState(network: Network, connection: Connection, stanza: BinaryNode): void {
  const { device } = connection;
  if (!device) return void connection.send(result(stanza));
  answer(network, device, stanza)
    .then((sent) => connection.send(sent))
    .catch((error: unknown) => network.broken(connection, error));
}

async function answer(network: Network, device: Device, stanza: BinaryNode): Promise<BinaryNode> {
  const { appState } = network.phone(device.person.number);
  const answers: BinaryNode[] = [];
  for (const asked of childrenOf(childOf(stanza, 'sync'), 'collection')) {
    const { name = '', version = '0' } = asked.attrs;
    const patch = bytesOf(childOf(asked, 'patch'));
    if (patch && !(await take(network, device, name, Number(version), patch))) return refusal(stanza, 409, 'conflict');
    const patches = appState.patches(name);
    const { number } = device.person;
    const content = patch ? [] : unseen(network, number, patches, asked.attrs);
    if (!patch) network.events.emit('app-state-read', { phone: number, device: device.id, collection: name });
    answers.push(node('collection', { name, version: patches.length, has_more_patches: 'false' }, content));
  }
  return result(stanza, [node('sync', {}, answers)]);
}

/** What a device has not seen: patches, or when it begins from nothing with a long past, a snapshot. */
function unseen(
  network: Network,
  number: string,
  patches: readonly Uint8Array[],
  { version = '0', return_snapshot: snapshot }: BinaryNode['attrs'],
): BinaryNode[] {
  if (snapshot === 'true' && patches.length >= SNAPSHOT_FROM) {
    const reference = snapshotOf(network.media, patches, number);
    if (reference) return [node('snapshot', {}, reference)];
  }
  const left = patches.slice(Number(version)).map((one) => node('patch', {}, one));
  return left.length ? [node('patches', {}, left)] : [];
}

/** False when the patch does not fit, or the phone cannot read it. */
async function take(
  network: Network,
  device: Device,
  collection: string,
  version: number,
  patch: Buffer,
): Promise<boolean> {
  const phone = network.phone(device.person.number);
  const entries = await phone.appState.append(collection, version, patch);
  if (typeof entries === 'string') return false;
  network.events.emit('app-state', { phone: phone.number, collection, version: version + 1, entries });
  phone.announce(collection, device);
  return true;
}
