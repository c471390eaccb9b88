import type { BinaryNode } from '@whiskeysockets/baileys';
import { keyIndexListOf } from '../notifications/device-list.ts';
import { digitsOf, parseJid, pnJid } from '../wire/jids.ts';
import { bytesOf, childOf, childrenOf, node, result } from '../wire/nodes.ts';
import type { Client } from '../world/people.ts';
import type { World } from '../world/world.ts';

/** `usync`: who is on WhatsApp, with which devices and which LID (docs/protocol.md, "Messages"). */
export function onUserSync(world: World, connection: Client, stanza: BinaryNode): void {
  const query = childOf(stanza, 'usync');
  const asked = childrenOf(childOf(query, 'query')).map((protocol) => protocol.tag);
  const users = childrenOf(childOf(query, 'list'), 'user').flatMap((user) => describe(world, user, asked) ?? []);
  const content = [
    node(
      'result',
      {},
      asked.map((tag) => node(tag)),
    ),
    node('list', {}, users),
  ];
  connection.send(result(stanza, [node('usync', { sid: query?.attrs['sid'], mode: 'query' }, content)]));
}

function describe(world: World, user: BinaryNode, asked: readonly string[]): BinaryNode | undefined {
  const phone = bytesOf(childOf(user, 'contact'))?.toString();
  const jid = phone === undefined ? user.attrs['jid'] : pnJid(phone.replace(/\D/g, ''));
  const address = parseJid(jid);
  if (!jid || !address) return undefined;
  const known = isReachable(world, address.number);
  const content: BinaryNode[] = [];
  if (asked.includes('contact')) content.push(node('contact', { type: known ? 'in' : 'out' }));
  if (known && asked.includes('devices')) content.push(devicesOf(world, address.number));
  // Asked for a LID, the answer holds no mapping: Baileys would take the LID for a phone number.
  const person = known && world.hasHiddenIds && address.kind === 'pn' ? world.person(address.number) : undefined;
  if (person && asked.includes('lid')) content.push(node('lid', { val: person.lid }));
  if (known && asked.includes('status')) content.push(aboutOf(world, address.number));
  if (known && asked.includes('disappearing_mode')) content.push(node('disappearing_mode', { duration: 0, t: 0 }));
  return node('user', { jid }, content);
}

/** What somebody says about itself: nothing when it hides that. */
function aboutOf(world: World, number: string): BinaryNode {
  const { about, aboutSetAt, hidden } = world.person(number).profile;
  return hidden ? node('status', { code: 401, t: 0 }) : node('status', { t: aboutSetAt }, Buffer.from(about));
}

/** Every number that could be one is on WhatsApp, except those a test has called absent. */
function isReachable(world: World, number: string): boolean {
  try {
    return digitsOf(number) === number && !world.absent.has(number);
  } catch {
    return false;
  }
}

/** Device 0 is the phone. Others need a `key-index` that is not zero, or Baileys drops them. */
function devicesOf(world: World, number: string): BinaryNode {
  const linked = [...world.person(number).devices.keys()].map((id) => node('device', { id, 'key-index': id }));
  const list = node('device-list', {}, [node('device', { id: 0 }), ...linked]);
  return node('devices', {}, linked.length === 0 ? [list] : [list, keyIndexListOf(world, world.person(number))]);
}
