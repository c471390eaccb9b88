import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Network } from '../network.ts';
import type { Connection } from '../wire/connection.ts';
import { bytesOf, childOf, childrenOf, node, refusal, result } from '../wire/nodes.ts';

/** App state: gives the patches a device has not seen, and takes its own (SANDBOX.md section 7). */
export function onAppState(network: Network, connection: Connection, stanza: BinaryNode): void {
  const { device } = connection;
  if (!device) return void connection.send(result(stanza));
  const phone = network.phone(device.person.number);
  const answers: BinaryNode[] = [];
  for (const asked of childrenOf(childOf(stanza, 'sync'), 'collection')) {
    const { name = '', version = '0' } = asked.attrs;
    const patch = bytesOf(childOf(asked, 'patch'));
    const { patches } = phone.appState.collection(name);
    if (patch && !phone.appState.append(name, Number(version), patch)) {
      return void connection.send(refusal(stanza, 409, 'conflict'));
    }
    const unseen = patch ? [] : patches.slice(Number(version)).map((one) => node('patch', {}, one));
    const content = unseen.length ? [node('patches', {}, unseen)] : [];
    answers.push(node('collection', { name, version: patches.length, has_more_patches: 'false' }, content));
    if (!patch) continue;
    network.events.emit('app-state', { phone: phone.number, collection: name, version: patches.length });
    phone.announce(name, device);
  }
  connection.send(result(stanza, [node('sync', {}, answers)]));
}
