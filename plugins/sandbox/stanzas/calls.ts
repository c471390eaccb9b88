import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Directory } from '../directory.ts';
import { childrenOf, node } from '../wire/nodes.ts';
import type { Client } from '../world/people.ts';
import type { World } from '../world/world.ts';

/** The product rejects a call: the caller hears it, and the account's other devices stop ringing (docs/protocol.md, "Calls"). */
export function onCall(world: World, connection: Client, stanza: BinaryNode, { calls }: Directory): void {
  const { device } = connection;
  const { id, to } = stanza.attrs;
  const [child] = childrenOf(stanza);
  if (!device || !id || !child) return;
  const call = calls.get(child.attrs['call-id'] ?? '');
  const isOurs = call?.to === device.person.number && call.state === 'ringing';
  const error = isOurs ? undefined : '404';
  connection.send(node('ack', { class: 'call', type: child.tag, id, from: to, error }));
  if (!isOurs || child.tag !== 'reject') return;
  calls.answerOnPhone(call.id, false, device);
  world.events.emit('call', { id: call.id, from: call.from, to: call.to, what: 'reject' });
}
