import { randomBytes } from 'node:crypto';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { post } from '../delivery/delivery.ts';
import { notify } from '../delivery/notify.ts';
import { SERVER } from '../wire/jids.ts';
import { node } from '../wire/nodes.ts';
import type { Device, Person } from '../world/people.ts';
import type { World } from '../world/world.ts';
import { deviceHash, hashedAddress, keyIndexListOf, tellOwnDevices } from './device-list.ts';

/** What WhatsApp tells linked devices in daily life (docs/protocol.md, "Notifications"). Numbers are phone numbers. */
export type DailyNotice =
  /** Somebody has one device more or less, or another list of them. */
  | {
      readonly kind: 'devices';
      readonly of: string;
      readonly change: 'add' | 'remove' | 'update';
      readonly device?: number;
    }
  /** The account's own list of devices. */
  | { readonly kind: 'account_sync' }
  /** Somebody has registered anew: its identity key is another one. */
  | { readonly kind: 'identity'; readonly of: string }
  /** Somebody trusts the account: messages to it carry this token. */
  | { readonly kind: 'privacy_token'; readonly of: string }
  /** The server's switches have changed: ask for them again. */
  | { readonly kind: 'abprops' }
  /** Something is to be fetched again. */
  | {
      readonly kind: 'dirty';
      readonly type: 'account_sync' | 'groups' | 'communities' | 'syncd_app_state';
      /** What waits of it is dropped, as when a device was away for too long. */
      readonly lost?: boolean;
    }
  /** What the next connection has to begin with, so that it comes to the same machine. */
  | { readonly kind: 'edge_routing' }
  /** From when on this version is too old; seconds. */
  | { readonly kind: 'client_expiration'; readonly at: number }
  /** The threads that the server knows of. */
  | { readonly kind: 'thread_metadata' };

/** Tells all linked devices of an account. What is about the connection itself reaches those that are live only. */
export function tellDaily(world: World, account: Person, notice: DailyNotice): void {
  if (notice.kind === 'account_sync') tellOwnDevices(world, account);
  if (notice.kind === 'dirty' && notice.lost) for (const device of account.devices.values()) dropGroupNotices(device);
  if (notice.kind === 'identity') world.person(notice.of).registerAnew();
  for (const device of account.devices.values()) tell(world, account, device, notice);
}

/** What waits for a device of its groups is dropped. */
function dropGroupNotices({ mailbox }: Device): void {
  for (const { key, node: stanza } of mailbox.pending()) if (stanza.attrs['type'] === 'w:gp2') mailbox.take(key);
}

function tell(world: World, account: Person, device: Device, notice: DailyNotice): void {
  switch (notice.kind) {
    case 'devices':
      fromPerson(world, device, 'devices', notice.of, [devicesNode(world, notice)]);
      break;
    case 'identity':
      fromPerson(world, device, 'encrypt', notice.of, [node('identity')]);
      break;
    case 'privacy_token':
      fromPerson(world, device, 'privacy_token', notice.of, [tokensNode(world, account, notice.of)]);
      break;
    case 'abprops':
      notify(world, device, 'server', [node('abprops', { hash: randomBytes(4).toString('hex') })]);
      break;
    case 'account_sync':
      break;
    default:
      if (device.online) device.connection?.send(node('ib', { from: SERVER }, [infoNode(world, notice)]));
  }
}

function devicesNode(world: World, { of, change, device = 1 }: Extract<DailyNotice, { kind: 'devices' }>): BinaryNode {
  const person = world.person(of);
  const kind = world.usualKind;
  const ids = [0, ...person.devices.keys()];
  const hash = deviceHash(ids.map((id) => hashedAddress(kind, person.number, id)));
  if (change === 'update') return node('update', { hash });
  const { jid } = world.namesOf(person.number, kind, device);
  const content = [node('device', { jid, 'key-index': device }), keyIndexListOf(world, person)];
  return node(change, { device_hash: hash }, content);
}

/** The token that somebody has given an account; made at the first time (docs/protocol.md, "Tokens"). */
function tokensNode(world: World, account: Person, of: string): BinaryNode {
  const token = world.person(of).tokenFor(account.number);
  return node('tokens', {}, [node('token', { type: 'trusted_contact', t: world.seconds() }, token)]);
}

function infoNode(
  world: World,
  notice: Extract<DailyNotice, { kind: 'dirty' | 'edge_routing' | 'client_expiration' | 'thread_metadata' }>,
): BinaryNode {
  switch (notice.kind) {
    case 'dirty':
      return node('dirty', { type: notice.type, timestamp: world.seconds() });
    case 'edge_routing':
      return node('edge_routing', {}, [node('routing_info', {}, randomBytes(12))]);
    case 'client_expiration':
      return node('client_expiration', { t: notice.at });
    case 'thread_metadata':
      return node('thread_metadata', {}, []);
  }
}

/** From somebody, by the name that its chats go by, with the other one beside it. */
function fromPerson(world: World, device: Device, type: string, of: string, content: BinaryNode[]): void {
  const { number } = world.person(of);
  const { jid, other } = world.namesOf(number, world.usualKind);
  const beside = { [world.usualKind === 'lid' ? 'sender_pn' : 'sender_lid']: other };
  const id = world.newId();
  const attrs = { from: jid, type, id, t: world.seconds(), ...beside };
  post(world, device, { key: `notification:${id}`, node: node('notification', attrs, content) });
}
