import type { BinaryNode } from '@whiskeysockets/baileys';
import { keyIndexListOf } from '../notifications/device-list.ts';
import { type Address, digitsOf, parseJid, pnJid } from '../wire/jids.ts';
import { bytesOf, childOf, childrenOf, node, result } from '../wire/nodes.ts';
import type { Client } from '../world/people.ts';
import type { World } from '../world/world.ts';

/** `usync`: who is on WhatsApp, with which devices and which LID (docs/protocol.md, "Questions about people"). */
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

/** Whoever is asked about by number is answered under the number of the account, which may be written otherwise. */
function describe(world: World, user: BinaryNode, asked: readonly string[]): BinaryNode | undefined {
  const dialled = bytesOf(childOf(user, 'contact'))?.toString();
  if (dialled !== undefined) return describeDialled(world, dialled, asked);
  const username = childOf(user, 'contact')?.attrs['username'];
  if (username !== undefined) return describeNamed(world, username, asked);
  const { jid } = user.attrs;
  const address = parseJid(jid);
  if (!jid || !address) return undefined;
  const known = isReachable(world, address.number);
  const contact = asked.includes('contact') ? [node('contact', { type: known ? 'in' : 'out' })] : [];
  return node('user', { jid }, [...contact, ...(known ? factsOf(world, address, asked) : [])]);
}

function describeDialled(world: World, dialled: string, asked: readonly string[]): BinaryNode {
  const written = dialled.replace(/\D/g, '');
  const number = world.accountOf(written);
  const known = number !== undefined && isReachable(world, number);
  const jid = pnJid(known ? number : written);
  const contact = node('contact', { type: known ? 'in' : 'out' }, Buffer.from(dialled));
  return node('user', { jid }, [contact, ...(known ? factsOf(world, { number, kind: 'pn' }, asked) : [])]);
}

/** A username is answered with the hidden id behind it (`WAWebQueryExistsJob`); one that nobody has is left out. */
function describeNamed(world: World, username: string, asked: readonly string[]): BinaryNode | undefined {
  const person = [...world.people.values()].find((one) => one.username === username);
  if (!person || !isReachable(world, person.number)) return undefined;
  const contact = node('contact', { type: 'in', username });
  return node('user', { jid: world.namesOf(person.number, 'lid').jid }, [
    contact,
    ...factsOf(world, { number: person.number, kind: 'lid' }, asked),
  ]);
}

function factsOf(
  world: World,
  { number, kind }: Pick<Address, 'number' | 'kind'>,
  asked: readonly string[],
): BinaryNode[] {
  const content: BinaryNode[] = [];
  if (asked.includes('devices')) content.push(devicesOf(world, number));
  // Asked for a LID, the answer holds no mapping: Baileys would take the LID for a phone number.
  if (asked.includes('lid') && world.hasHiddenIds && kind === 'pn')
    content.push(node('lid', { val: world.person(number).lid }));
  if (asked.includes('status')) content.push(aboutOf(world, number));
  if (asked.includes('disappearing_mode')) content.push(node('disappearing_mode', { duration: 0, t: 0 }));
  return content;
}

/** What somebody says about itself: nothing when it hides that. */
function aboutOf(world: World, number: string): BinaryNode {
  const { about, aboutSetAt, hidden } = world.person(number).profile;
  return hidden ? node('status', { code: 401, t: 0 }) : node('status', { t: aboutSetAt }, Buffer.from(about));
}

/** Whether a number could be one, and an account has it. */
function isReachable(world: World, number: string): boolean {
  try {
    return digitsOf(number) === number && world.isAccount(number);
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
