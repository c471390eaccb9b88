import type { BinaryNode } from '@whiskeysockets/baileys';
import { post } from '../delivery/delivery.ts';
import type { Directory } from '../directory.ts';
import type { Arrival } from '../messages/reading.ts';
import { isChannel } from '../newsletters/posts.ts';
import type { Ciphertext } from '../signal/signal-party.ts';
import { STATUS } from '../status/broadcasts.ts';
import { type Address, jidOf, parseJid } from '../wire/jids.ts';
import { bytesOf, childOf, childrenOf, node } from '../wire/nodes.ts';
import type { Client, Device, Person } from '../world/people.ts';
import type { Roster } from '../world/roster.ts';
import type { World } from '../world/world.ts';
import { detailsOf, refusalOf } from './message-acks.ts';
import { toChannel } from './newsletters.ts';

/** A message of the product: acknowledged, then handed to every device it was encrypted for (docs/protocol.md, "Messages"). */
export function onMessage(world: World, connection: Client, stanza: BinaryNode, directory: Directory): void {
  const { device } = connection;
  const { id, to } = stanza.attrs;
  if (!device || !id || !to) return;
  world.stats.outbound += 1;
  const statusSetting = childOf(stanza, 'meta')?.attrs['status_setting'];
  const told = { id, from: device.person.number, device: device.id, to };
  world.events.emit('outbound', statusSetting === undefined ? told : { ...told, statusSetting });
  const error = world.faults.strike('refuse-message', connection)?.code ?? refusalOf(directory, device, stanza);
  const answer = { class: 'message', id, from: to, t: world.seconds() };
  if (error !== undefined) {
    // Like a receipt, an error that comes at once is folded away by Baileys; the real one takes a while too.
    const refuse = (): void => void connection.send(node('ack', { ...answer, error }));
    world.clock.setTimeout(refuse, world.options.receiptDelayMs);
    return;
  }
  const serverId = isChannel(to) ? toChannel(directory, device, stanza) : undefined;
  const ack = { ...answer, ...detailsOf(world, connection, device, stanza), server_id: serverId };
  const acknowledges = !world.faults.strike('no-message-ack', connection);
  if (acknowledges && !world.journal) connection.send(node('ack', ack));
  const group = world.rosters.get(to);
  const many = to === STATUS ? statusReaders(world, stanza) : group && groupReaders(world, group);
  const read = many ? toMany(directory, device, stanza, many) : toPeople(directory, device, stanza, to);
  if (acknowledges && world.journal) acknowledgeKept(world, connection, node('ack', ack), read);
}

/** A sandbox that outlives its process says that it has a message when it is kept. */
function acknowledgeKept(world: World, connection: Client, ack: BinaryNode, read: Promise<void>[]): void {
  Promise.all(read)
    .then(() => world.journal?.durable())
    .then(() => connection.send(ack))
    .catch((error: unknown) => world.broken(connection, error));
}

interface Copy {
  readonly address: Address;
  readonly enc: BinaryNode;
}

/** One copy per device. A peer message, or a resend to one device, carries its ciphertext directly. */
function copiesIn(stanza: BinaryNode, direct: string | undefined): Copy[] {
  const copies = childrenOf(childOf(stanza, 'participants'), 'to').map((to) => ({ to: to.attrs['jid'], within: to }));
  if (direct) copies.push({ to: direct, within: stanza });
  return copies.flatMap(({ to, within }) => {
    const address = parseJid(to);
    const enc = childOf(within, 'enc');
    return address && enc ? [{ address, enc }] : [];
  });
}

/** Gives what has to be waited for until phones have read their copies. */
function toPeople(directory: Directory, sender: Device, stanza: BinaryNode, to: string): Promise<void>[] {
  const { world } = directory;
  const { id = '' } = stanza.attrs;
  const read: Promise<void>[] = [];
  if (!parseJid(to)) return read;
  for (const { address, enc } of copiesIn(stanza, to)) {
    const { number, kind } = address;
    const pairwise = ciphertextOf(enc);
    if (!pairwise || !world.isAccount(number)) continue;
    if (address.device === 0) {
      read.push(directory.contact(number).receive({ id, sender, chat: jidOf(kind, number), pairwise }));
      continue;
    }
    const target = world.device(address);
    const own = target?.person === sender.person;
    if (target) forward(world, sender, target, stanza, personal(world, sender, kind, own ? to : undefined), [enc]);
  }
  return read;
}

/** Who reads what is encrypted once for all. */
interface Readers {
  readonly chat: string;
  readonly kind: Address['kind'];
  readonly people: readonly Person[];
}

const groupReaders = (world: World, group: Roster): Readers => ({
  chat: group.jid,
  kind: group.addressing,
  people: world.membersOf(group).filter(({ number }) => world.isAccount(number)),
});

/** Those whom the client names: with a copy of its key for each device, or as users whose devices hold it already. */
function statusReaders(world: World, stanza: BinaryNode): Readers {
  const named = childrenOf(childOf(stanza, 'participants'), 'to').flatMap(({ attrs }) => parseJid(attrs['jid']) ?? []);
  const numbers = new Set(named.map(({ number }) => number).filter((number) => !world.absent.has(number)));
  return { chat: STATUS, kind: world.usualKind, people: [...numbers].map((number) => world.person(number)) };
}

/** Every reader gets what was encrypted for all, together with the copy that is only for his device. */
function toMany(directory: Directory, sender: Device, stanza: BinaryNode, readers: Readers): Promise<void>[] {
  const { world } = directory;
  const { id = '', participant } = stanza.attrs;
  const direct = childOf(stanza, 'enc');
  const shared = direct?.attrs['type'] === 'skmsg' ? direct : undefined;
  const copies = new Map<string, BinaryNode>();
  for (const { address, enc } of copiesIn(stanza, shared ? undefined : participant)) {
    copies.set(`${address.number}:${address.device}`, enc);
  }
  // One buffer for all: its signature is checked once.
  const body = bytesOf(shared);
  const { chat, kind } = readers;
  const read: Promise<void>[] = [];
  const names = world.namesOf(sender.number, kind, sender.id);
  const beside = { [`participant_${kind === 'pn' ? 'lid' : 'pn'}`]: names.other, addressing_mode: kind };
  const from = { from: chat, participant: names.jid, ...beside };
  for (const person of readers.people) {
    const mine = arrivalOf(copies.get(`${person.number}:0`), body);
    if (mine) read.push(directory.contact(person.number).receive({ id, sender, chat, ...mine }));
    for (const device of person.devices.values()) {
      const parts = [copies.get(device.peer), shared].flatMap((part) => part ?? []);
      if (device === sender || parts.length === 0) continue;
      forward(world, sender, device, stanza, from, parts);
    }
  }
  return read;
}

function arrivalOf(
  copy: BinaryNode | undefined,
  body: Buffer | undefined,
): Pick<Arrival, 'pairwise' | 'shared'> | undefined {
  const pairwise = ciphertextOf(copy);
  if (!pairwise && !body) return undefined;
  return { ...(pairwise ? { pairwise } : {}), ...(body ? { shared: body } : {}) };
}

function ciphertextOf(enc: BinaryNode | undefined): Ciphertext | undefined {
  const body = bytesOf(enc);
  const type = enc?.attrs['type'];
  return body && (type === 'pkmsg' || type === 'msg') ? { type, body } : undefined;
}

/** Whom a message is from, with the other name beside it; in a copy of one's own, the chat with its other name. */
function personal(
  world: World,
  { number, id }: Device,
  kind: Address['kind'],
  chat: string | undefined,
): Record<string, string | undefined> {
  const suffix = kind === 'pn' ? 'lid' : 'pn';
  const mine = world.namesOf(number, kind, id);
  if (chat === undefined) return { from: mine.jid, addressing_mode: kind, [`sender_${suffix}`]: mine.other };
  const peer = parseJid(chat);
  const other = peer && world.namesOf(peer.number, peer.kind).other;
  const beside = { [`peer_recipient_${peer?.kind === 'lid' ? 'pn' : 'lid'}`]: other };
  return { from: mine.jid, addressing_mode: peer?.kind ?? kind, recipient: chat, ...beside };
}

/** To a linked device: of another account, or of the sender's own, which then learns the chat from `recipient`. */
function forward(
  world: World,
  sender: Device,
  target: Device,
  stanza: BinaryNode,
  address: Record<string, string | undefined>,
  parts: BinaryNode[],
): void {
  const { id = '', type } = stanza.attrs;
  const message = node('message', { ...address, id, type, t: world.seconds(), notify: sender.person.name }, parts);
  const delivery = {
    id,
    from: sender.person.number,
    to: target.person.number,
    device: target.id,
    queuedAt: world.clock.now(),
    handedOver: 0,
    retries: 0,
  };
  world.deliveries.push(delivery);
  post(world, target, { key: `message:${id}`, node: message, delivery });
}
