import { createHash } from 'node:crypto';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { notify } from '../delivery/notify.ts';
import { signedKeyIndexList } from '../signal/key-index-list.ts';
import { jidOf } from '../wire/jids.ts';
import { node } from '../wire/nodes.ts';
import type { Device, Person } from '../world/people.ts';
import type { World } from '../world/world.ts';

/** The devices of an account with the phone's signature, as `usync` and notifications have them. */
export function keyIndexListOf(world: World, person: Person): BinaryNode {
  const at = world.seconds();
  return node('key-index-list', { ts: at }, signedKeyIndexList(person.party.identity, [...person.devices.keys()], at));
}

/** WhatsApp's name for a list of devices: version 2, six bytes of SHA-256 over their sorted addresses. */
export function deviceHash(addresses: readonly string[]): string {
  const hash = createHash('sha256')
    .update([...addresses].sort().join(''))
    .digest();
  return `2:${hash.subarray(0, 6).toString('base64').replaceAll('=', '')}`;
}

/** `user.0:device@server`: how a device stands in a hash of devices. */
export const hashedAddress = (kind: 'pn' | 'lid', number: string, device: number): string => {
  const [user = '', server = ''] = jidOf(kind, number).split('@');
  return `${user}.0:${device}@${server}`;
};

/** Tells the other linked devices of an account that its list of devices has changed (`account_sync`). */
export function tellOwnDevices(world: World, person: Person, except?: Device): void {
  const others = [...person.devices.values()].filter((device) => device !== except);
  if (others.length === 0) return;
  const ids = [0, ...person.devices.keys()];
  const jid = (id: number): string => jidOf('pn', person.number, id);
  const listed = ids.map((id) => node('device', { jid: jid(id), 'key-index': id === 0 ? undefined : id }));
  const dhash = deviceHash(ids.map((id) => hashedAddress('pn', person.number, id)));
  const content = [node('devices', { dhash }, [...listed, keyIndexListOf(world, person)])];
  for (const device of others) notify(world, device, 'account_sync', content, person.jid);
}
