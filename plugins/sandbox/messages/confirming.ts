import { post } from '../delivery/delivery.ts';
import { node } from '../wire/nodes.ts';
import type { Person } from '../world/people.ts';
import type { World } from '../world/world.ts';
import type { InboxMessage } from './inbox.ts';

/**
 * A contact confirms a message that it has received: delivered (no type), read or played. No receipt leaves before its time:
 * a client folds away what comes too early (docs/protocol.md, "Messages"). `delays` says how many times the usual delay it waits.
 */
export function confirm(
  world: World,
  { number }: Person,
  { id, chat, from, at }: InboxMessage,
  type: '' | 'read' | 'played',
  delays = 1,
): void {
  const { clock, options } = world;
  const participant = world.authorIn(chat, number);
  const stanza = node('receipt', { from: chat, participant, id, t: world.seconds(), type: type || undefined });
  const send = (): void => {
    for (const device of world.person(from).devices.values()) {
      post(world, device, { key: `receipt:${type}:${id}:${participant ?? ''}`, node: stanza });
    }
  };
  const wait = at + delays * options.receiptDelayMs - clock.now();
  if (wait <= 0) send();
  else clock.setTimeout(send, wait);
}
