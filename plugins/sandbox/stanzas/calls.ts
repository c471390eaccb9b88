import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Network } from '../network.ts';
import type { Connection } from '../wire/connection.ts';
import { childrenOf, node } from '../wire/nodes.ts';

/** The product rejects a call: the caller hears it, and the account's other devices stop ringing. */
export function onCall(network: Network, connection: Connection, stanza: BinaryNode): void {
  const { device } = connection;
  const { id, to } = stanza.attrs;
  const [child] = childrenOf(stanza);
  if (!device || !id || !child) return;
  const call = network.calls.get(child.attrs['call-id'] ?? '');
  const isOurs = call?.to === device.person.number && call.state === 'ringing';
  const error = isOurs ? undefined : '404';
  connection.send(node('ack', { class: 'call', type: child.tag, id, from: to, error }));
  if (!isOurs || child.tag !== 'reject') return;
  network.calls.answerOnPhone(call.id, false, device);
  network.events.emit('call', { id: call.id, from: call.from, to: call.to, what: 'reject' });
}
