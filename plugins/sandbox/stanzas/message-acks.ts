import { type BinaryNode, proto } from '@whiskeysockets/baileys';
import { mediaTypeOf } from '../delivery/content.ts';
import type { Directory } from '../directory.ts';
import { mediaIn } from '../files/attachments.ts';
import type { MediaStore } from '../files/media-server.ts';
import { isChannel } from '../newsletters/posts.ts';
import { deviceHash, hashedAddress } from '../notifications/device-list.ts';
import type { Contact } from '../people/contact.ts';
import { STATUS } from '../status/broadcasts.ts';
import { type Address, parseJid } from '../wire/jids.ts';
import { bytesOf, childOf, childrenOf } from '../wire/nodes.ts';
import type { Client, Device, Person } from '../world/people.ts';
import type { Roster } from '../world/roster.ts';
import type { World } from '../world/world.ts';

const NO_TOKEN = 463;
const STALE_ADDRESSING = 421;
const INVALID = 479;

/** Why the server does not take a message of a client, if it does not (docs/protocol.md, "Acks and nacks"). */
export function refusalOf(directory: Directory, sender: Device, stanza: BinaryNode): number | undefined {
  const { world } = directory;
  const { to = '', addressing_mode: mode } = stanza.attrs;
  if (isChannel(to)) return channelRefusal(directory, sender, stanza);
  if (to === STATUS) return statusRefusal(world, stanza);
  const roster = world.rosters.get(to);
  if (roster) return mode !== undefined && mode !== roster.addressing ? STALE_ADDRESSING : undefined;
  const address = parseJid(to);
  if (!address || address.number === sender.number || stanza.attrs['category'] === 'peer') return undefined;
  const contact = directory.contact(address.number);
  if (isFirst(directory, sender, contact)) {
    const limit = directory.phone(sender.number).standing.beginChat();
    if (limit !== undefined) return limit;
  }
  if (!contact.wantsToken) return undefined;
  const token = bytesOf(childOf(stanza, 'tctoken'));
  const expected = world.person(address.number).tokenFor(sender.number);
  return token?.equals(expected) ? undefined : NO_TOKEN;
}

/** Whether the two have not written to each other so far. */
function isFirst({ world }: Directory, { number }: Device, contact: Contact): boolean {
  if (contact.inbox.some(({ from }) => from === number)) return false;
  return !world.deliveries.some(({ from, to }) => from === contact.number && to === number);
}

/** Only who runs a channel posts there, and only who follows it reacts. */
function channelRefusal({ channels, world }: Directory, { number }: Device, stanza: BinaryNode): number | undefined {
  const { attrs } = stanza;
  const channel = channels.find(attrs['to']);
  if (!channel || channel.deleted) return 404;
  const may = attrs['type'] === 'reaction' ? channel.members.has(number) : channel.runs(number);
  if (!may) return 403;
  return isWholePost(stanza, world.media) ? undefined : INVALID;
}

/** A post with a file says which kind, has it in clear, and names it by the handle of its upload. */
function isWholePost(stanza: BinaryNode, media: MediaStore): boolean {
  const plain = childOf(stanza, 'plaintext');
  const message = proto.Message.decode(bytesOf(plain) ?? new Uint8Array());
  const kind = mediaTypeOf(message);
  if (kind === undefined || stanza.attrs['edit'] !== undefined) return true;
  const file = mediaIn(message)?.media;
  const handle = media.handleOf(file?.directPath ?? '');
  return plain?.attrs['mediatype'] === kind && !file?.mediaKey?.length && stanza.attrs['media_id'] === handle;
}

/** A migrated account has to name the readers of a status by hidden ids; a reaction says nothing of a status's setting. */
function statusRefusal(world: World, stanza: BinaryNode): number | undefined {
  const readers = childrenOf(childOf(stanza, 'participants'), 'to');
  const isStale =
    world.options.addressing === 'lid' && readers.some(({ attrs }) => parseJid(attrs['jid'])?.kind === 'pn');
  const setting = childOf(stanza, 'meta')?.attrs['status_setting'];
  const isOdd =
    stanza.attrs['type'] === 'reaction'
      ? setting !== undefined
      : setting !== undefined && !/^(contacts|allowlist|denylist)$/.test(setting);
  return isStale || isOdd ? INVALID : undefined;
}

/** What a good ack says besides: the hash of the devices that should have got the message, and that hidden ids are stale. */
export function detailsOf(
  world: World,
  connection: Client,
  sender: Device,
  stanza: BinaryNode,
): Record<string, string> {
  const { to = '' } = stanza.attrs;
  const stale = world.faults.strike('refresh-lid', connection) ? { refresh_lid: 'true' } : {};
  if (world.faults.strike('missed-device', connection)) return { ...stale, phash: deviceHash([to]) };
  const phash = hashToTell(world, sender, stanza);
  return phash === undefined ? stale : { ...stale, phash };
}

/** A client that claims a hash is told the true one; one that writes to a person, only when it left devices out or has too many. */
function hashToTell(world: World, sender: Device, stanza: BinaryNode): string | undefined {
  const { to = '', phash } = stanza.attrs;
  if (phash !== undefined) return deviceHash(addressesOf(world, sender, to));
  const isForAll = stanza.attrs['device_fanout'] !== 'false' && stanza.attrs['category'] !== 'peer';
  const copies = childrenOf(childOf(stanza, 'participants'), 'to');
  if (!isForAll || copies.length === 0 || !parseJid(to)) return undefined;
  const written = copies.flatMap(({ attrs }) => {
    const address = parseJid(attrs['jid']);
    return address ? [hashedAddress(parseJid(to)?.kind ?? address.kind, address.number, address.device)] : [];
  });
  const hash = deviceHash(addressesOf(world, sender, to));
  return deviceHash(written) === hash ? undefined : hash;
}

/** The devices of those who are written to, in the names that the chat goes by: in a group with the sending device itself. */
function addressesOf(world: World, sender: Device, to: string): string[] {
  const roster = world.rosters.get(to);
  const peer = parseJid(to);
  const kind = roster?.addressing ?? peer?.kind ?? 'pn';
  const readers = readersOf(world, roster, peer, sender).filter(({ number }) => world.isAccount(number));
  return readers.flatMap((person) =>
    [0, ...person.devices.keys()]
      .filter((id) => roster !== undefined || person !== sender.person || id !== sender.id)
      .map((id) => hashedAddress(kind, person.number, id)),
  );
}

const readersOf = (
  world: World,
  roster: Roster | undefined,
  peer: Address | undefined,
  { person }: Device,
): Person[] => {
  if (roster) return world.membersOf(roster);
  return peer && peer.number !== person.number ? [world.person(peer.number), person] : [person];
};
