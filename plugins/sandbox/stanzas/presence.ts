import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Directory } from '../directory.ts';
import { parseJid } from '../wire/jids.ts';
import { childrenOf, node } from '../wire/nodes.ts';
import type { Client } from '../world/people.ts';
import type { World } from '../world/world.ts';

/** The product goes available or unavailable, or wants to see somebody's presence (docs/protocol.md, "Presence, profile and block list"). */
export function onPresence(world: World, connection: Client, stanza: BinaryNode): void {
  const { device } = connection;
  const { type, name, to } = stanza.attrs;
  if (!device) return;
  if (type === 'subscribe') return void connection.send(presenceOf(world, to));
  // Baileys also sends `<presence name/>` without a type when it learns its name; that says nothing about presence.
  if (type !== 'available' && type !== 'unavailable') return;
  device.presence = type;
  const phone = device.person.number;
  world.events.emit('presence', { phone, device: device.id, state: type, ...(name ? { name } : {}) });
}

/** What somebody does just now; of those who never showed it nothing is told. */
function presenceOf(world: World, jid: string | undefined): BinaryNode {
  const address = parseJid(jid);
  const shown = address && world.people.get(address.number)?.presence;
  if (!shown) return node('presence', { from: jid, type: 'unavailable', last: 'deny' });
  return node(
    'presence',
    shown.state === 'available' ? { from: jid } : { from: jid, type: shown.state, last: shown.at },
  );
}

/** The product is typing, recording or has stopped. The contact sees it. */
export function onChatState(world: World, connection: Client, stanza: BinaryNode, directory: Directory): void {
  const { device } = connection;
  const [child] = childrenOf(stanza);
  const address = parseJid(stanza.attrs['to']);
  if (!device || !child || !address || !world.isAccount(address.number)) return;
  const composing = child.attrs['media'] === 'audio' ? 'recording' : 'composing';
  const state = child.tag === 'paused' ? 'paused' : composing;
  const from = device.person.number;
  directory.contact(address.number).seen.push({ from, state, at: world.clock.now() });
  world.events.emit('chatstate', { phone: from, to: address.number, state });
}
