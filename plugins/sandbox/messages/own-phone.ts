import { messageOf } from '../delivery/content.ts';
import { post } from '../delivery/delivery.ts';
import { Prepared, type Sent } from '../delivery/prepared.ts';
import { type Attachment, attach } from '../files/attachments.ts';
import { digitsOf } from '../wire/jids.ts';
import { node } from '../wire/nodes.ts';
import type { Person } from '../world/people.ts';
import type { World } from '../world/world.ts';

/**
 * The owner writes to somebody on the phone itself. Each linked device gets the copy that tells it so; the receiver is not
 * told here. (A copy names the chat in `recipient` and holds a `deviceSentMessage`; read in Baileys' `decode-wa-message.js`.)
 */
export async function writeOnPhone(
  world: World,
  person: Person,
  to: string,
  content: string | Attachment,
  id = world.newId(),
): Promise<Sent> {
  const recipient = world.person(to);
  const addressing = world.usualKind;
  const destinationJid = world.namesOf(recipient.number, addressing).jid;
  const message = typeof content === 'string' ? messageOf(content) : attach(world.media, content, person.number);
  const envelope = {
    id,
    sender: person,
    addressing,
    message: { deviceSentMessage: { destinationJid, message } },
    recipient,
  };
  const prepared = await Prepared.make(world, envelope, [...person.devices.values()]);
  return prepared.fire();
}

/** The phone has its copy of what a linked device wrote to somebody: the receipt that says so (type `sender`). */
export function confirmOnPhone(world: World, person: Person, id: string, to: string): void {
  const [from, recipient] = [person.number, digitsOf(to)].map((number) => world.namesOf(number, world.usualKind).jid);
  const attrs = { from, recipient, id, t: world.seconds(), type: 'sender' };
  for (const device of person.devices.values())
    post(world, device, { key: `receipt:sender:${id}:`, node: node('receipt', attrs) });
}
