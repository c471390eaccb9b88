import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Directory } from '../directory.ts';
import type { Group } from '../groups/group.ts';
import { setGroupPicture } from '../groups/picture.ts';
import { block } from '../profile/account.ts';
import { pictureUrl, setPicture } from '../profile/pictures.ts';
import { parseJid } from '../wire/jids.ts';
import { bytesOf, childOf, node, refusal, result } from '../wire/nodes.ts';
import type { Client, Person } from '../world/people.ts';
import type { World } from '../world/world.ts';
import { mayDo } from './group-rights.ts';

/** Namespace `w:profile:picture`: pictures of people and groups, and one's own (docs/protocol.md, "Presence, profile and block list"). */
export function onPicture(world: World, connection: Client, stanza: BinaryNode, { groups }: Directory): void {
  const own = connection.device?.person;
  if (!own) return void connection.send(refusal(stanza, 401, 'not-authorized'));
  const { target, type } = stanza.attrs;
  if (target?.endsWith('@g.us')) {
    groupPicture(world, own.number, stanza, groups.get(target))
      .then((answer) => connection.send(answer))
      .catch((error: unknown) => world.broken(connection, error));
    return;
  }
  const address = parseJid(target);
  if (type === 'get') {
    const asked = address && world.isAccount(address.number) ? world.person(address.number) : undefined;
    return void connection.send(showPicture(world, own, asked, stanza));
  }
  if (target !== undefined && address?.number !== own.number) return void connection.send(result(stanza));
  const full = bytesOf(childOf(stanza, 'picture'));
  if (full && !isJpeg(full)) return void connection.send(refusal(stanza, 406, 'not-acceptable'));
  setPicture(world, own, full && { full }, connection.device)
    .then(() => connection.send(result(stanza, [node('picture', { id: own.profile.picture?.id })])))
    .catch((error: unknown) => world.broken(connection, error));
}

/** The picture of a group: every member sees it, and may change it while the group is not locked. */
async function groupPicture(
  world: World,
  by: string,
  stanza: BinaryNode,
  group: Group | undefined,
): Promise<BinaryNode> {
  if (!group) return refusal(stanza, 404, 'item-not-found');
  if (!group.members.has(by)) return refusal(stanza, 401, 'not-authorized');
  if (stanza.attrs['type'] === 'get') {
    const size = childOf(stanza, 'picture')?.attrs['type'] === 'image' ? 'image' : 'preview';
    const url = pictureUrl(world, group, size);
    if (!url) return refusal(stanza, 404, 'item-not-found');
    return result(stanza, [node('picture', { id: group.picture?.id, type: size, url })]);
  }
  const full = bytesOf(childOf(stanza, 'picture'));
  if (!mayDo(group, by, 'picture')) return refusal(stanza, 403, 'forbidden');
  if (full && !isJpeg(full)) return refusal(stanza, 406, 'not-acceptable');
  await setGroupPicture(world, group, by, full);
  return result(stanza, [node('picture', { id: group.picture?.id })]);
}

const isJpeg = (bytes: Buffer): boolean => bytes.subarray(0, 3).toString('hex') === 'ffd8ff';

function showPicture(world: World, own: Person, person: Person | undefined, stanza: BinaryNode): BinaryNode {
  const refused = person && person !== own && (person.profile.hidden || person.profile.blocked.has(own.number));
  if (refused) return refusal(stanza, 401, 'not-authorized');
  const size = childOf(stanza, 'picture')?.attrs['type'] === 'image' ? 'image' : 'preview';
  const url = person && pictureUrl(world, person.profile, size);
  if (!url) return refusal(stanza, 404, 'item-not-found');
  return result(stanza, [node('picture', { id: person.profile.picture?.id, type: size, url })]);
}

/** Namespace `status`: the text under one's own name, and whom statuses are shown to. */
export function onAbout(world: World, connection: Client, stanza: BinaryNode): void {
  const text = bytesOf(childOf(stanza, 'status'))?.toString();
  const own = connection.device?.person;
  if (own && childOf(stanza, 'privacy')) return void connection.send(result(stanza, [statusPrivacy(world, own)]));
  if (own && text !== undefined) own.profile.describe(text, world.seconds());
  connection.send(result(stanza));
}

function statusPrivacy(world: World, { profile }: Person): BinaryNode {
  const { type, numbers } = profile.statusAudience;
  const users = numbers.map((number) => node('user', { jid: world.namesOf(number, world.usualKind).jid }));
  return node('privacy', {}, [node('list', { type, default: 'true' }, users)]);
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
