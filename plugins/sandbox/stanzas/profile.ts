import type { BinaryNode } from '@whiskeysockets/baileys';
import { block } from '../profile/account.ts';
import { pictureUrl, setPicture } from '../profile/pictures.ts';
import { parseJid } from '../wire/jids.ts';
import { bytesOf, childOf, node, refusal, result } from '../wire/nodes.ts';
import type { Client, Person } from '../world/people.ts';
import type { World } from '../world/world.ts';

/** Namespace `w:profile:picture`: pictures of people and groups, and one's own. Groups have none here. */
export function onPicture(world: World, connection: Client, stanza: BinaryNode): void {
  const own = connection.device?.person;
  if (!own) return void connection.send(refusal(stanza, 401, 'not-authorized'));
  const { target, type } = stanza.attrs;
  const address = parseJid(target);
  if (type === 'get') {
    const asked = address && !world.absent.has(address.number) ? world.person(address.number) : undefined;
    return void connection.send(showPicture(world, own, asked, stanza));
  }
  if (target !== undefined && address?.number !== own.number) return void connection.send(result(stanza));
  const full = bytesOf(childOf(stanza, 'picture'));
  if (full && !isJpeg(full)) return void connection.send(refusal(stanza, 406, 'not-acceptable'));
  setPicture(world, own, full && { full }, connection.device)
    .then(() => connection.send(result(stanza, [node('picture', { id: own.profile.picture?.id })])))
    .catch((error: unknown) => world.broken(connection, error));
}

const isJpeg = (bytes: Buffer): boolean => bytes.subarray(0, 3).toString('hex') === 'ffd8ff';

function showPicture(world: World, own: Person, person: Person | undefined, stanza: BinaryNode): BinaryNode {
  const refused = person && person !== own && (person.profile.hidden || person.profile.blocked.has(own.number));
  if (refused) return refusal(stanza, 401, 'not-authorized');
  const size = childOf(stanza, 'picture')?.attrs['type'] === 'image' ? 'image' : 'preview';
  const url = person && pictureUrl(world, person, size);
  if (!url) return refusal(stanza, 404, 'item-not-found');
  return result(stanza, [node('picture', { id: person.profile.picture?.id, type: size, url })]);
}

/** Namespace `status`: the text under one's own name. */
export function onAbout(world: World, connection: Client, stanza: BinaryNode): void {
  const text = bytesOf(childOf(stanza, 'status'))?.toString();
  const own = connection.device?.person;
  if (own && text !== undefined) own.profile.describe(text, world.seconds());
  connection.send(result(stanza));
}

/** Namespace `blocklist`: whom one has blocked, and changes to that. */
export function onBlockList(world: World, connection: Client, stanza: BinaryNode): void {
  const own = connection.device?.person;
  if (!own) return void connection.send(refusal(stanza, 401, 'not-authorized'));
  const item = childOf(stanza, 'item');
  const address = parseJid(item?.attrs['jid']);
  if (item && !namesBlocked(world, item)) return void connection.send(refusal(stanza, 400, 'bad-request'));
  if (address) block(world, own, address.number, item?.attrs['action'] === 'block', connection.device);
  const items = [...own.profile.blocked].map((number) => node('item', { jid: world.namesOf(number, 'lid').jid }));
  connection.send(result(stanza, [node('list', { dhash: 'sandbox' }, items)]));
}

/** A migrated account names whom it blocks by hidden id with the number beside it; whom it unblocks, by hidden id. */
function namesBlocked(world: World, { attrs }: BinaryNode): boolean {
  const address = parseJid(attrs['jid']);
  if (world.options.addressing !== 'lid') return address !== undefined;
  const number = parseJid(attrs['pn_jid']);
  if (attrs['action'] === 'block' && (number?.kind !== 'pn' || number.number !== address?.number)) return false;
  return address?.kind === 'lid';
}
