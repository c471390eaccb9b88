import { proto, unpadRandomMax16 } from '@whiskeysockets/baileys';
import { sentence } from 'waha-runtime';
import { post } from '../delivery/delivery.ts';
import type { Ciphertext } from '../signal/signal-party.ts';
import { bundleNodes } from '../wire/key-bundle.ts';
import { bigEndian, node } from '../wire/nodes.ts';
import type { Device, Person } from '../world/people.ts';
import type { World } from '../world/world.ts';

/** A message as the server hands it to a phone. */
export interface Arrival {
  readonly id: string;
  readonly sender: Device;
  /** The JID the product addressed: a person's or a group's. */
  readonly chat: string;
  /** Pairwise part; in a group it carries the sender's key. */
  readonly pairwise?: Ciphertext;
  /** What was encrypted for the whole group. */
  readonly shared?: Buffer;
}

const MAX_RETRIES = 5;

/** Decrypts what a phone gets, and asks again for what it cannot decrypt, up to five times. */
export class Reader {
  readonly #world: World;
  readonly #person: Person;
  readonly #retries = new Map<string, number>();

  constructor(world: World, person: Person) {
    this.#world = world;
    this.#person = person;
  }

  /** The message, or undefined when it has to be sent again. */
  async read(arrival: Arrival): Promise<proto.IMessage | undefined> {
    try {
      const own = arrival.pairwise ? await this.#pairwise(arrival, arrival.pairwise) : undefined;
      return arrival.shared ? await this.#shared(arrival, arrival.shared) : own;
    } catch (error) {
      this.#askAgain(arrival, sentence(error));
      return undefined;
    }
  }

  async #pairwise({ sender }: Arrival, ciphertext: Ciphertext): Promise<proto.IMessage> {
    const plaintext = await this.#person.party.decrypt(sender.peer, ciphertext);
    const message = proto.Message.decode(unpadRandomMax16(plaintext));
    const key = message.senderKeyDistributionMessage;
    if (key?.groupId && key.axolotlSenderKeyDistributionMessage) {
      await this.#person.senderKeys.learn(key.groupId, sender.peer, key.axolotlSenderKeyDistributionMessage);
    }
    return message;
  }

  async #shared({ chat, sender }: Arrival, body: Buffer): Promise<proto.IMessage> {
    const plaintext = await this.#person.senderKeys.decrypt(chat, sender.peer, body);
    return proto.Message.decode(unpadRandomMax16(plaintext));
  }

  /** A retry receipt; from the second one on with the keys for a new session (docs/protocol.md, "Messages"). */
  #askAgain({ id, sender, chat }: Arrival, why: string): void {
    const count = (this.#retries.get(id) ?? 0) + 1;
    this.#retries.set(id, count);
    if (count > MAX_RETRIES) return;
    const { party } = this.#person;
    const t = this.#world.seconds();
    const participant = this.#world.authorIn(chat, this.#person.number);
    const keys = count > 1 ? [node('keys', {}, bundleNodes(party.bundle()).slice(1))] : [];
    const stanza = node('receipt', { from: chat, participant, id, t, type: 'retry' }, [
      node('retry', { count, id, t, v: 1 }),
      node('registration', {}, bigEndian(party.registrationId, 4)),
      ...keys,
    ]);
    this.#world.events.emit('retry-asked', { id, from: this.#person.number, to: sender.person.number, why });
    post(this.#world, sender, { key: `receipt:retry:${id}:${participant ?? ''}`, node: stanza });
  }
}
