import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Network } from '../network.ts';
import { companionHello } from '../people/pairing-code.ts';
import type { Connection } from '../wire/connection.ts';
import { parseJid } from '../wire/jids.ts';
import { childOf, node, refusal, result } from '../wire/nodes.ts';

/** Namespace `md`: pairing by code, and a device that removes itself (SANDBOX.md sections 4 and 9). */
export function onLinkedDevices(network: Network, connection: Connection, stanza: BinaryNode): void {
  const pairing = childOf(stanza, 'link_code_companion_reg');
  if (pairing) {
    onPairingCode(network, connection, stanza, pairing);
    return;
  }
  const removal = childOf(stanza, 'remove-companion-device');
  connection.send(result(stanza));
  const address = parseJid(removal?.attrs['jid']);
  const device = address && network.device(address);
  if (device && device.person === connection.device?.person) network.unlink(device, 'client');
}

function onPairingCode(network: Network, connection: Connection, stanza: BinaryNode, pairing: BinaryNode): void {
  const address = parseJid(pairing.attrs['jid']);
  if (!address || !connection.registration) return void connection.send(refusal(stanza, 400, 'bad-request'));
  if (pairing.attrs['stage'] === 'companion_finish') {
    network.phone(address.number).finishPairing(connection, stanza, pairing);
    return;
  }
  const hello = companionHello(connection, pairing);
  if (!hello) return void connection.send(refusal(stanza, 400, 'bad-request'));
  network.hellos.set(address.number, hello);
  const ref = node('link_code_pairing_ref', {}, Buffer.from(hello.ref));
  connection.send(result(stanza, [node('link_code_companion_reg', { stage: 'companion_hello' }, [ref])]));
  network.events.emit('pairing-code', { phone: address.number, display: hello.display });
}
