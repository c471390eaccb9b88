import { type BinaryNode, encodeWAMessage, proto } from '@whiskeysockets/baileys';
import type { Address } from '../wire/jids.ts';
import type { KeyBundle } from '../wire/key-bundle.ts';
import { bytesOf, childOf, node, uintOf } from '../wire/nodes.ts';
import type { Delivery, Draft, Parcel } from '../world/mailbox.ts';
import type { Device, Person } from '../world/people.ts';
import type { Roster } from '../world/roster.ts';
import type { World } from '../world/world.ts';
import { stanzaTypeOf } from './content.ts';
import { announceLowStock, post } from './delivery.ts';

/** How a message is dressed up. */
export interface Envelope {
  readonly id: string;
  readonly sender: Person;
  readonly addressing: 'pn' | 'lid';
  readonly message: proto.IMessage;
  /** The group it goes to; without one it goes to the device's owner. */
  readonly group?: Roster;
  /** Whom the account wrote to: the message is a copy for its own linked devices. */
  readonly recipient?: Person;
  /** More attributes of the stanza, for instance `category`. */
  readonly attrs?: Record<string, string>;
}

/** What a message to a group has in common for all its readers, so that it is encrypted and signed once. */
export interface SharedPart {
  readonly distribution: Uint8Array;
  readonly body: Uint8Array;
}

/** Encrypts a message to a group for all its readers; undefined for a message to a person. */
export async function share({ sender, group, message }: Envelope): Promise<SharedPart | undefined> {
  if (!group) return undefined;
  const distribution = await sender.senderKeys.distribution(group.jid);
  return { distribution, body: await sender.senderKeys.encrypt(group.jid, encodeWAMessage(message)) };
}

/**
 * Encrypts a message for one device and wraps it up. The parcel can make itself anew: after a retry receipt it drops
 * the session, takes the keys from the receipt or a fresh bundle, and writes the retry count on the ciphertext.
 */
export async function wrap(
  world: World,
  envelope: Envelope,
  device: Device,
  shared?: SharedPart,
  settled?: () => void,
): Promise<Parcel> {
  const { sender, message, group } = envelope;
  const delivery: Delivery = {
    id: envelope.id,
    from: sender.number,
    to: device.person.number,
    device: device.id,
    queuedAt: world.clock.now(),
    handedOver: 0,
    retries: 0,
  };
  const key = group && shared ? keyMessage(group, shared.distribution) : undefined;
  const parts: BinaryNode[] = [];
  if (!shared || !group) parts.push(await pairwise(world, sender, device, message));
  else {
    const owed = key && sender.senderKeys.owes(group.jid, device.peer);
    if (owed) parts.push(await pairwise(world, sender, device, key));
    parts.push(node('enc', { v: 2, type: 'skmsg' }, shared.body));
  }
  return {
    key: `message:${envelope.id}`,
    node: stanzaOf(world, envelope, parts),
    delivery,
    remake: remaker(world, envelope, device, key),
    draft: () => draftOf(envelope, shared?.distribution),
    ...(settled ? { settled } : {}),
  };
}

/** How a message that was kept over a restart makes itself anew. */
export function remakerOf(world: World, draft: Draft, device: Device): NonNullable<Parcel['remake']> {
  const { id, addressing, attrs, distribution, recipient } = draft;
  const group = world.rosters.get(draft.group ?? '');
  const message = proto.Message.decode(draft.message);
  const envelope: Envelope = {
    id,
    sender: world.person(draft.sender),
    addressing,
    message,
    ...(group ? { group } : {}),
    ...(recipient === undefined ? {} : { recipient: world.person(recipient) }),
    ...(attrs ? { attrs } : {}),
  };
  return remaker(world, envelope, device, group && distribution ? keyMessage(group, distribution) : undefined);
}

function remaker(
  world: World,
  envelope: Envelope,
  device: Device,
  key: proto.IMessage | undefined,
): NonNullable<Parcel['remake']> {
  const { sender, message } = envelope;
  return async (count, retry) => {
    // What was written in the sessions before is read still: a phone archives them.
    await sender.party.start(device.peer, bundleInRetry(retry) ?? bundleFor(world, device));
    const content = await pairwise(world, sender, device, { ...message, ...key }, count);
    return stanzaOf(world, envelope, [content]);
  };
}

function draftOf(
  { id, sender, addressing, message, group, recipient, attrs }: Envelope,
  distribution?: Uint8Array,
): Draft {
  return {
    id,
    sender: sender.number,
    addressing,
    message: proto.Message.encode(message).finish(),
    ...(attrs ? { attrs } : {}),
    ...(group ? { group: group.jid } : {}),
    ...(recipient ? { recipient: recipient.number } : {}),
    ...(distribution ? { distribution } : {}),
  };
}

/** A message encrypted for one device only. */
async function pairwise(
  world: World,
  { party }: Person,
  device: Device,
  message: proto.IMessage,
  count?: number,
): Promise<BinaryNode> {
  if (!party.knows(device.peer)) await party.start(device.peer, bundleFor(world, device));
  const { type, body } = await party.encrypt(device.peer, encodeWAMessage(message));
  return node('enc', { v: 2, type, count }, body);
}

const keyMessage = (group: Roster, distribution: Uint8Array): proto.IMessage => ({
  senderKeyDistributionMessage: { groupId: group.jid, axolotlSenderKeyDistributionMessage: distribution },
});

/** Posts a wrapped message to its device. */
export function dispatch(world: World, device: Device, parcel: Parcel): void {
  if (parcel.delivery) world.deliveries.push(parcel.delivery);
  post(world, device, parcel);
}

function stanzaOf(world: World, envelope: Envelope, content: BinaryNode[]): BinaryNode {
  const { sender, message, attrs } = envelope;
  const from = senderOf(world, sender, envelope.addressing, envelope);
  const common = { id: envelope.id, t: world.seconds(), type: stanzaTypeOf(message), notify: sender.name };
  return node('message', { ...from, ...common, ...attrs }, content);
}

/**
 * Who a message is from, as its reader is told: by the name that the chat goes by, with the other one beside it. The copy of
 * one's own message has the chat in `recipient`, and beside it the other name of that one.
 */
export function senderOf(
  world: World,
  sender: Person,
  chosen: Address['kind'],
  { group, recipient }: Pick<Envelope, 'group' | 'recipient'>,
): Record<string, string | undefined> {
  const kind = group?.addressing ?? (world.hasHiddenIds ? chosen : 'pn');
  const suffix = kind === 'pn' ? 'lid' : 'pn';
  const mine = world.namesOf(sender.number, kind);
  const common = { addressing_mode: kind };
  const { username } = sender;
  if (group)
    return {
      ...{ from: group.jid, participant: mine.jid, [`participant_${suffix}`]: mine.other, ...common },
      participant_username: username,
    };
  if (!recipient) return { from: mine.jid, [`sender_${suffix}`]: mine.other, username, ...common };
  const theirs = world.namesOf(recipient.number, kind);
  const copy = { from: mine.jid, recipient: theirs.jid, [`peer_recipient_${suffix}`]: theirs.other, ...common };
  return { ...copy, peer_recipient_username: recipient.username };
}

function bundleFor(world: World, device: Device): KeyBundle {
  const bundle = device.takeBundle();
  announceLowStock(world, device);
  return bundle;
}

/** The keys that a client adds to its second and later retry receipts. */
function bundleInRetry(retry: BinaryNode): KeyBundle | undefined {
  const keys = childOf(retry, 'keys');
  const skey = childOf(keys, 'skey');
  const identity = bytesOf(childOf(keys, 'identity'));
  const value = bytesOf(childOf(skey, 'value'));
  const signature = bytesOf(childOf(skey, 'signature'));
  if (!identity || !value || !signature) return undefined;
  const key = childOf(keys, 'key');
  const oneTime = bytesOf(childOf(key, 'value'));
  return {
    registrationId: uintOf(childOf(retry, 'registration')) ?? 0,
    identity,
    signedPreKey: { id: uintOf(childOf(skey, 'id')) ?? 0, value, signature },
    preKey: oneTime && { id: uintOf(childOf(key, 'id')) ?? 0, value: oneTime },
  };
}
