import { createHash } from 'node:crypto';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { announceLowStock } from '../delivery/delivery.ts';
import { parseJid } from '../wire/jids.ts';
import { bundleNodes, type KeyBundle } from '../wire/key-bundle.ts';
import { bigEndian, bytesOf, childOf, childrenOf, node, result, uintOf } from '../wire/nodes.ts';
import type { Client, Device } from '../world/people.ts';
import type { World } from '../world/world.ts';

/** Signal keys: the device's own stock, and bundles to write to others (docs/protocol.md, "Login" and "Messages"). */
export function onEncrypt(world: World, connection: Client, stanza: BinaryNode): void {
  const { device } = connection;
  if (!device) return void connection.send(result(stanza));
  if (stanza.attrs['type'] === 'get') return void connection.send(result(stanza, lookUp(world, device, stanza)));
  const uploaded = childOf(stanza, 'list');
  const rotated = childOf(childOf(stanza, 'rotate'), 'skey') ?? (uploaded ? childOf(stanza, 'skey') : undefined);
  if (rotated) {
    device.signedPreKey = signedPreKeyIn(rotated) ?? device.signedPreKey;
    device.changed();
  }
  if (uploaded) store(world, device, uploaded);
  connection.send(result(stanza));
}

function lookUp(world: World, device: Device, stanza: BinaryNode): BinaryNode[] {
  if (childOf(stanza, 'count')) return [node('count', { value: device.preKeys.length })];
  if (childOf(stanza, 'digest')) return [digest(device)];
  const users = childrenOf(childOf(stanza, 'key'), 'user').flatMap((user) => bundle(world, user.attrs['jid']) ?? []);
  return [node('list', {}, users)];
}

function store(world: World, device: Device, list: BinaryNode): void {
  const keys = childrenOf(list, 'key').flatMap((key) => {
    const [id, value] = [uintOf(childOf(key, 'id')), bytesOf(childOf(key, 'value'))];
    return id === undefined || !value ? [] : [{ id, value }];
  });
  device.preKeys.push(...keys);
  device.preKeysChanged();
  device.lowStockAnnounced = false;
  const { person, id, preKeys } = device;
  world.events.emit('prekeys', { phone: person.number, device: id, uploaded: keys.length, stock: preKeys.length });
}

/**
 * What the client may compare its keys with: the signed prekey, the ids of the one-time keys that are left, and SHA-1 over
 * the public keys (docs/protocol.md, "Key digest"). Without a `digest` child Baileys would upload all keys again.
 */
function digest(device: Device): BinaryNode {
  const { keys, signedPreKey, preKeys } = device;
  const hash = createHash('sha1').update(keys.identity).update(signedPreKey.value).update(signedPreKey.signature);
  for (const { value } of preKeys) hash.update(value);
  return node('digest', {}, [
    ...bundleNodes({ registrationId: keys.registrationId, identity: keys.identity, signedPreKey }),
    node(
      'list',
      {},
      preKeys.map(({ id }) => node('id', {}, bigEndian(id, 3))),
    ),
    node('hash', {}, hash.digest()),
  ]);
}

function bundle(world: World, jid: string | undefined): BinaryNode | undefined {
  const address = parseJid(jid);
  if (!jid || !address || !world.isAccount(address.number)) return undefined;
  if (address.device === 0) return node('user', { jid }, bundleNodes(world.person(address.number).party.bundle()));
  const device = world.device(address);
  if (!device) return undefined;
  const taken = device.takeBundle();
  announceLowStock(world, device);
  return node('user', { jid }, bundleNodes(taken));
}

function signedPreKeyIn(skey: BinaryNode): KeyBundle['signedPreKey'] | undefined {
  const [id, value] = [uintOf(childOf(skey, 'id')), bytesOf(childOf(skey, 'value'))];
  const signature = bytesOf(childOf(skey, 'signature'));
  return id === undefined || !value || !signature ? undefined : { id, value, signature };
}
