import type { BinaryNode } from '@whiskeysockets/baileys';
import { post, sendAgain, settle } from '../delivery/delivery.ts';
import type { Directory } from '../directory.ts';
import { type Address, jidOf, parseJid } from '../wire/jids.ts';
import { childOf, childrenOf, node } from '../wire/nodes.ts';
import type { Client, Device } from '../world/people.ts';
import type { World } from '../world/world.ts';

/**
 * A receipt of the product: its word that it has a message. Without a type, `inactive` (not online), `peer_msg`,
 * `hist_sync` and `sender` all mean delivered; `retry` means it could not decrypt (docs/protocol.md, "Messages").
 */
export function onReceipt(world: World, connection: Client, stanza: BinaryNode, { reuploads }: Directory): void {
  const { device } = connection;
  const { id, to = '', type = '' } = stanza.attrs;
  if (!device || !id) return;
  const ids = [id, ...childrenOf(childOf(stanza, 'list'), 'item').flatMap((item) => item.attrs['id'] ?? [])];
  world.stats.receipts += 1;
  connection.send(node('ack', { class: 'receipt', id, from: to, type: type || undefined }));
  const address = parseJid(stanza.attrs['participant'] ?? to);
  world.events.emit('receipt', { ids, from: device.person.number, to: address?.number ?? to, type });
  if (type === 'server-error') {
    reuploads.answer(world, connection, stanza);
    return;
  }
  if (type === 'retry') {
    onRetry(world, device, stanza, address);
    return;
  }
  for (const one of ids) settle(world, device, `message:${one}`, 'receipt');
  if (address && type !== 'sender' && type !== 'peer_msg' && type !== 'hist_sync') {
    for (const one of ids) passOn(world, device, address, to, one, type);
  }
}

/** A contact answers for itself; a linked device of another account is told who could not decrypt. */
function onRetry(world: World, device: Device, stanza: BinaryNode, address: Address | undefined): void {
  const id = stanza.attrs['id'] ?? '';
  const count = Number(childOf(stanza, 'retry')?.attrs['count'] ?? 1);
  const parcel = device.mailbox.get(`message:${id}`);
  if (parcel?.remake) {
    sendAgain(world, device, stanza, count).catch((error) => world.broken(device.connection, error));
    return;
  }
  const sender = address && world.device(address);
  if (!sender) return;
  if (parcel?.delivery) parcel.delivery.retries += 1;
  const from = origin(world, stanza.attrs['to'], address, device.person.number, device.id);
  const attrs = { ...from, id, type: 'retry', t: world.seconds() };
  const key = `receipt:retry:${id}:${from.participant ?? ''}`;
  post(world, sender, { key, node: { ...node('receipt', attrs), ...contentOf(stanza) } });
}

/** Between two accounts of the sandbox: the sender's linked devices learn what became of their message. */
function passOn(world: World, device: Device, address: Address, chat: string, id: string, type: string): void {
  const shown = type === 'inactive' ? '' : type;
  if (shown === 'read-self') return;
  const devices = world.people.get(address.number)?.devices;
  if (!devices?.size || address.number === device.person.number) return;
  const from = origin(world, chat, address, device.person.number);
  const stanza = node('receipt', { ...from, id, t: world.seconds(), type: shown || undefined });
  const key = `receipt:${shown}:${id}:${from.participant ?? ''}`;
  world.clock.setTimeout(() => {
    for (const one of devices.values()) post(world, one, { key, node: stanza });
  }, world.options.receiptDelayMs);
}

/** Whom a receipt comes from: a person, or in a group the group and the person. */
function origin(
  world: World,
  chat: string | undefined,
  { kind }: Address,
  number: string,
  device = 0,
): { from: string; participant?: string } {
  const group = world.rosters.get(chat ?? '');
  return group ? { from: group.jid, participant: group.jidOf(number, device) } : { from: jidOf(kind, number, device) };
}

const contentOf = (stanza: BinaryNode): Pick<BinaryNode, 'content'> =>
  stanza.content === undefined ? {} : { content: stanza.content };
