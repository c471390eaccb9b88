import type { proto } from '@whiskeysockets/baileys';
import { Prepared, type Sent } from '../delivery/prepared.ts';
import type { Device, Person } from '../world/people.ts';
import type { World } from '../world/world.ts';

/** The chat of all statuses. */
export const STATUS = 'status@broadcast';

/** Whether a chat is one that many read: `status@broadcast` or a broadcast list (`<digits>@broadcast`). */
export const isBroadcast = (chat: string): boolean => /^(status|\d+)@broadcast$/.test(chat);

/**
 * Somebody writes to a broadcast that these devices get. As in a group the chat is the sender of the stanza, and the
 * author its participant; the ciphertext is the reader's own.
 */
export const broadcast = async (
  world: World,
  person: Person,
  chat: string,
  message: proto.IMessage,
  devices: readonly Device[],
): Promise<Sent> => {
  const addressing = world.usualKind;
  const { jid, other } = world.namesOf(person.number, addressing);
  const beside = other === undefined ? {} : { [`participant_${addressing === 'lid' ? 'pn' : 'lid'}`]: other };
  const attrs = { from: chat, participant: jid, ...beside };
  const envelope = { id: world.newId(), sender: person, addressing, message, attrs };
  return (await Prepared.make(world, envelope, devices)).fire();
};
