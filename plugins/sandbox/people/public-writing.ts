import { proto } from '@whiskeysockets/baileys';
import { badRequest } from 'waha-runtime';
import type { Parcel } from '../delivery/mailbox.ts';
import type { Network } from '../network.ts';
import { node } from '../wire/nodes.ts';
import { messageOf, stanzaTypeOf } from './content.ts';
import type { Device, Person } from './people.ts';
import { Prepared, type Sent } from './prepared.ts';
import { dispatch } from './sending.ts';

/**
 * Somebody writes where many read, and the linked devices of one account are among them: `status@broadcast`, a broadcast list
 * (`<digits>@broadcast`) or a channel (`<digits>@newsletter`). Rejects with `BAD_REQUEST` for any other chat.
 */
export const writeToMany = async (
  network: Network,
  person: Person,
  { chat, account, content }: { chat: string; account: string; content: string | proto.IMessage },
): Promise<Sent> => {
  const devices = [...network.person(account).devices.values()];
  const message = messageOf(content);
  if (/^\d+@newsletter$/.test(chat)) return post(network, person, chat, message, devices);
  if (!/^(status|\d+)@broadcast$/.test(chat)) throw badRequest(`'${chat}' is neither a broadcast nor a channel`);
  const id = network.newId();
  // As in a group the chat is the sender of the stanza, and the author its participant; the ciphertext is the reader's own.
  const attrs = { from: chat, participant: person.jid, participant_lid: person.lid };
  const envelope = { id, sender: person, addressing: 'pn' as const, message, attrs };
  return (await Prepared.make(network, envelope, devices)).fire();
};

/** A channel's posts are not encrypted (`<plaintext>`), and nobody is their author. */
const post = (
  network: Network,
  person: Person,
  chat: string,
  message: proto.IMessage,
  devices: readonly Device[],
): Sent => {
  const id = network.newId();
  const body = proto.Message.encode(message).finish();
  const attrs = { from: chat, id, server_id: network.deliveries.length + 100, t: network.seconds() };
  const stanza = node('message', { ...attrs, type: stanzaTypeOf(message) }, [node('plaintext', {}, body)]);
  const times = { queuedAt: network.clock.now(), handedOver: 0, retries: 0 };
  const parcels = devices.map((device): { device: Device; parcel: Parcel; settled: Promise<void> } => {
    const delivery = { id, from: person.number, to: device.person.number, device: device.id, ...times };
    let settle: () => void = () => undefined;
    const settled = new Promise<void>((resolve) => {
      settle = resolve;
    });
    return { device, parcel: { key: `message:${id}`, node: stanza, delivery, settled: () => settle() }, settled };
  });
  for (const { device, parcel } of parcels) dispatch(network, device, parcel);
  return {
    id,
    deliveries: parcels.flatMap(({ parcel }) => parcel.delivery ?? []),
    delivered: Promise.all(parcels.map(({ settled }) => settled)).then(() => undefined),
  };
};
