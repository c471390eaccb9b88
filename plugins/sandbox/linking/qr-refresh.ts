import { SERVER } from '../wire/jids.ts';
import { node } from '../wire/nodes.ts';
import type { Client } from '../world/people.ts';
import type { World } from '../world/world.ts';
import type { Linkings } from './linkings.ts';
import type { RefreshPolicy } from './policy.ts';

/**
 * Retires the secret that a client shows in its QR codes, and tells the client to make another one and to show the current
 * code anew (docs/protocol.md, "QR refresh"). Whoever scans the old one after that links nothing.
 */
export function refreshQr(
  world: World,
  linkings: Linkings,
  connection: Client,
  secret: string,
  child: RefreshPolicy['child'],
): void {
  linkings.retire(connection, secret);
  const attrs = { from: SERVER, type: 'companion_reg_refresh', id: world.newId(), t: world.seconds() };
  linkings.told(connection, attrs.id, attrs.type);
  connection.send(node('notification', attrs, [node(child)]));
  world.events.emit('qr-refresh', { noiseKey: connection.noiseKey ?? '', child });
}
