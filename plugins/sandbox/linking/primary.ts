import type { BinaryNode } from '@whiskeysockets/baileys';
import { refusal, result } from '../wire/nodes.ts';
import { type Client, Device, type Person } from '../world/people.ts';
import type { World } from '../world/world.ts';
import type { Linkings } from './linkings.ts';
import { type PendingLink, pairSuccess } from './pair-success.ts';
import { finishPairing, type PrimaryHello, primaryHello } from './pairing-code.ts';
import { readQr } from './qr-code.ts';

/** The phone's half of a linking: the primary device, as WhatsApp calls it. */
export class Primary {
  readonly #world: World;
  readonly #linkings: Linkings;
  readonly #person: Person;
  readonly #pairings = new Map<Client, PrimaryHello & Pick<PendingLink, 'settle'>>();

  constructor(world: World, linkings: Linkings, person: Person) {
    this.#world = world;
    this.#linkings = linkings;
    this.#person = person;
  }

  /**
   * Scans a QR code. Resolves when the client has proved itself and was told to reconnect; it then still has to log in.
   * Rejects when the code is unknown, not of the client that shows it, or the client goes away.
   */
  async scan(qr: string): Promise<Device> {
    const code = readQr(qr);
    const connection = [...this.#world.connections].find(
      (one) => one.open && one.registration?.refs.includes(code.ref),
    );
    const keys = connection?.registration?.keys;
    if (!connection || !keys) throw new Error('no client shows this QR code, or it is not valid any more');
    if (keys.noiseKey !== code.noiseKey || keys.identity.toString('base64') !== code.identity) {
      throw new Error('the keys in the QR code are not those of the client that shows it');
    }
    return this.#link(connection, Buffer.from(code.advSecret, 'base64'));
  }

  /**
   * Types a pairing code, with or without its dash. Resolves like {@link scan}. Rejects when no client waits for this
   * number, or when the code was wrong.
   */
  async enterCode(code: string): Promise<Device> {
    const { number } = this.#person;
    const hello = this.#linkings.hellos.get(number);
    if (!hello?.connection.open) throw new Error(`no client waits for a pairing code of '${number}'`);
    const { identity } = this.#person.party;
    const { stanza, state } = await primaryHello(hello, code, identity, this.#world.clock.now());
    return new Promise((resolve, reject) => {
      this.#pairings.set(hello.connection, { ...state, settle: { resolve, reject } });
      hello.connection.send(stanza);
    });
  }

  /** The client's answer to a typed code. A wrong code shows here (SANDBOX.md section 4). */
  finishPairing(connection: Client, query: BinaryNode, registration: BinaryNode): void {
    const pairing = this.#pairings.get(connection);
    this.#pairings.delete(connection);
    if (!pairing) return void connection.send(refusal(query, 404, 'item-not-found'));
    try {
      const secret = finishPairing(pairing, this.#person.party.identity, registration);
      connection.send(result(query));
      this.#linkings.hellos.delete(this.#person.number);
      this.#link(connection, secret).then(pairing.settle.resolve, pairing.settle.reject);
    } catch {
      connection.send(refusal(query, 400, 'bad-request'));
      pairing.settle.reject(new Error('the pairing code is wrong'));
    }
  }

  /** From pair-success on the client takes itself for linked: the device is on record before. */
  async #link(connection: Client, secret: Uint8Array): Promise<Device> {
    const { registration } = connection;
    if (!registration) throw new Error('the client is linked already');
    const now = this.#world.clock.now();
    const { keys, props } = registration;
    const device = new Device(this.#person, this.#person.claimDeviceId(), keys, props, now);
    const { stanza, details } = pairSuccess(this.#person, device.id, keys.identity, secret, now);
    const signed = this.#signed(connection, { device, id: stanza.attrs['id'] ?? '', details });
    device.changed();
    const send = (): void => void connection.send(stanza);
    const { journal } = this.#world;
    if (journal) journal.durable().then(send, (error: Error) => this.#linkings.giveUp(connection, error));
    else send();
    return signed;
  }

  /** Waits for the client's signature. */
  #signed(connection: Client, link: Omit<PendingLink, 'settle'>): Promise<Device> {
    return new Promise((resolve, reject) => {
      const settle: PendingLink['settle'] = {
        resolve,
        reject: (error) => {
          link.device.forget();
          reject(error);
        },
      };
      this.#linkings.pending.set(connection, { ...link, settle });
    });
  }
}
