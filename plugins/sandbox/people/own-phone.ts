import { post } from '../delivery/delivery.ts';
import type { Network } from '../network.ts';
import { digitsOf, pnJid } from '../wire/jids.ts';
import { node } from '../wire/nodes.ts';
import { type Attachment, attach } from './attachments.ts';
import { messageOf } from './content.ts';
import type { Person } from './people.ts';
import { Prepared, type Sent } from './prepared.ts';

/**
 * The owner writes to somebody on the phone itself. Each linked device gets the copy that tells it so; the receiver is not
 * told here. (A copy names the chat in `recipient` and holds a `deviceSentMessage`; read in Baileys' `decode-wa-message.js`.)
 */
export async function writeOnPhone(
  network: Network,
  person: Person,
  to: string,
  content: string | Attachment,
): Promise<Sent> {
  const recipient = pnJid(digitsOf(to));
  const message = typeof content === 'string' ? messageOf(content) : attach(network.media, content, person.number);
  const envelope = {
    id: network.newId(),
    sender: person,
    addressing: 'pn' as const,
    message: { deviceSentMessage: { destinationJid: recipient, message } },
    attrs: { recipient },
  };
  const prepared = await Prepared.make(network, envelope, [...person.devices.values()]);
  return prepared.fire();
}

/** The phone has its copy of what a linked device wrote to somebody: the receipt that says so (type `sender`). */
export function confirmOnPhone(network: Network, person: Person, id: string, to: string): void {
  const attrs = { from: person.jid, recipient: pnJid(digitsOf(to)), id, t: network.seconds(), type: 'sender' };
  for (const device of person.devices.values())
    post(network, device, { key: `receipt:sender:${id}:`, node: node('receipt', attrs) });
}
