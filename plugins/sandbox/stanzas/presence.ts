import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Network } from '../network.ts';
import type { Connection } from '../wire/connection.ts';
import { parseJid } from '../wire/jids.ts';
import { childrenOf, node } from '../wire/nodes.ts';

/** The product goes available or unavailable, or wants to see somebody's presence. */
export function onPresence(network: Network, connection: Connection, stanza: BinaryNode): void {
  const { device } = connection;
  const { type, name, to } = stanza.attrs;
  if (!device) return;
  if (type === 'subscribe')
    return void connection.send(node('presence', { from: to, type: 'unavailable', last: 'deny' }));
  // Baileys also sends `<presence name/>` without a type when it learns its name; that says nothing about presence.
  if (type !== 'available' && type !== 'unavailable') return;
  device.presence = type;
  const phone = device.person.number;
  network.events.emit('presence', { phone, device: device.id, state: type, ...(name ? { name } : {}) });
}

/** The product is typing, recording or has stopped. The contact sees it. */
export function onChatState(network: Network, connection: Connection, stanza: BinaryNode): void {
  const { device } = connection;
  const [child] = childrenOf(stanza);
  const address = parseJid(stanza.attrs['to']);
  if (!device || !child || !address) return;
  const composing = child.attrs['media'] === 'audio' ? 'recording' : 'composing';
  const state = child.tag === 'paused' ? 'paused' : composing;
  const from = device.person.number;
  network.contact(address.number).seen.push({ from, state, at: network.clock.now() });
  network.events.emit('chatstate', { phone: from, to: address.number, state });
}
