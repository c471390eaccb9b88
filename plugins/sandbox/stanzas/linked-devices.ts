import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Directory } from '../directory.ts';
import { companionHello, isCommonDisplay } from '../linking/pairing-code.ts';
import { unlink } from '../linking/unlinking.ts';
import { parseJid } from '../wire/jids.ts';
import { childOf, node, refusal, result } from '../wire/nodes.ts';
import type { Client } from '../world/people.ts';
import type { World } from '../world/world.ts';

/** Where the sandbox lies, as far as clients ask: they preset the prefix of numbers with it. */
const COUNTRY = 'BR';

/** Namespace `md`: pairing by code, and a device that removes itself (docs/protocol.md, "Pairing codes" and "How sessions end"). */
export function onLinkedDevices(world: World, connection: Client, stanza: BinaryNode, directory: Directory): void {
  const pairing = childOf(stanza, 'link_code_companion_reg');
  if (pairing) {
    onPairingCode(world, connection, stanza, directory, pairing);
    return;
  }
  const ceremony = directory.linkings.ceremonies.get(connection);
  const answer = ceremony?.answer(stanza);
  if (ceremony && answer) {
    connection.send(answer);
    world.events.emit('passkey', { phone: ceremony.number, state: ceremony.state });
    if (answer.attrs['type'] === 'error') directory.linkings.endCeremony(connection, new Error(ceremony.problem));
    else ceremony.proceed();
    return;
  }
  const removal = childOf(stanza, 'remove-companion-device');
  connection.send(result(stanza));
  const address = parseJid(removal?.attrs['jid']);
  const device = address && world.device(address);
  if (device && device.person === connection.device?.person) unlink(world, device, 'client');
}

function onPairingCode(
  world: World,
  connection: Client,
  stanza: BinaryNode,
  directory: Directory,
  pairing: BinaryNode,
): void {
  const address = parseJid(pairing.attrs['jid']);
  if (pairing.attrs['stage'] === 'get_country_code') {
    return void connection.send(result(stanza, [node('country_code', { iso: COUNTRY })]));
  }
  if (!address || !connection.registration) return void connection.send(refusal(stanza, 400, 'bad-request'));
  if (pairing.attrs['stage'] === 'companion_finish') {
    directory.phone(address.number).primary.finishPairing(connection, stanza, pairing);
    return;
  }
  const refused = world.faults.strike('refuse-code', { number: address.number });
  if (refused) return void connection.send(refusal(stanza, refused.code, 'rate-overlimit', refused.backoff));
  const hello = companionHello(connection, pairing);
  if (!hello || !isCommonDisplay(hello.display)) return void connection.send(refusal(stanza, 400, 'bad-request'));
  directory.linkings.hellos.set(address.number, hello);
  const ref = node('link_code_pairing_ref', {}, Buffer.from(hello.ref));
  connection.send(result(stanza, [node('link_code_companion_reg', { stage: 'companion_hello' }, [ref])]));
  world.events.emit('pairing-code', { phone: address.number, display: hello.display });
}
