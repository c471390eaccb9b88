import type { BinaryNode } from '@whiskeysockets/baileys';
import { refusal, result } from '../wire/nodes.ts';
import { type Client, Device, type Person } from '../world/people.ts';
import type { World } from '../world/world.ts';
import { Ceremony } from './ceremony.ts';
import type { Linkings, PendingLink } from './linkings.ts';
import { pairSuccess } from './pair-success.ts';
import { finishPairing, type PrimaryHello, primaryHello, refreshCode } from './pairing-code.ts';
import type { LinkingPolicy } from './policy.ts';
import { clientThatShows, type QrCode, readQr } from './qr-code.ts';
import { refreshQr } from './qr-refresh.ts';

/** The phone's half of a linking: the primary device, as WhatsApp calls it. */
export class Primary {
  readonly #world: World;
  readonly #linkings: Linkings;
  readonly #person: Person;
  #policy: LinkingPolicy = {};
  #ceremony: Ceremony | undefined;
  readonly #pairings = new Map<Client, PrimaryHello & Pick<PendingLink, 'settle'>>();

  constructor(world: World, linkings: Linkings, person: Person) {
    this.#world = world;
    this.#linkings = linkings;
    this.#person = person;
  }

  /** How linking goes for this account. */
  get policy(): LinkingPolicy {
    return this.#policy;
  }

  set policy(policy: LinkingPolicy) {
    this.#policy = policy;
    const { number, journal } = this.#person;
    journal?.mark('linking', number, () => (Object.keys(this.#policy).length > 0 ? this.#policy : undefined));
  }

  /**
   * Scans a QR code. Resolves when the client has proved itself and was told to reconnect; it then still has to log in.
   * Rejects when the code is unknown, not of the client that shows it, or the client goes away.
   */
  async scan(qr: string): Promise<Device> {
    const code = readQr(qr);
    const connection = clientThatShows(this.#world, code);
    const keys = connection?.registration?.keys;
    if (!connection || !keys) throw new Error('no client shows this QR code, or it is not valid any more');
    if (keys.noiseKey !== code.noiseKey || keys.identity.toString('base64') !== code.identity) {
      throw new Error('the keys in the QR code are not those of the client that shows it');
    }
    this.#refuseRetired(connection, code);
    return this.#begin(connection, Buffer.from(code.advSecret, 'base64'));
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

  /** The client's answer to a typed code. A wrong code shows here (docs/protocol.md, "Pairing codes"). */
  finishPairing(connection: Client, query: BinaryNode, registration: BinaryNode): void {
    const pairing = this.#pairings.get(connection);
    this.#pairings.delete(connection);
    if (!pairing) return void connection.send(refusal(query, 404, 'item-not-found'));
    if (this.policy.silent) {
      connection.send(result(query));
      this.#linkings.hellos.delete(this.#person.number);
      pairing.settle.reject(new Error('the phone was told to say nothing after the code'));
      return;
    }
    try {
      const secret = finishPairing(pairing, this.#person.party.identity, registration);
      connection.send(result(query));
      this.#linkings.hellos.delete(this.#person.number);
      this.#begin(connection, secret).then(pairing.settle.resolve, pairing.settle.reject);
    } catch {
      connection.send(refusal(query, 400, 'bad-request'));
      pairing.settle.reject(new Error('the pairing code is wrong'));
    }
  }

  /** Asks a client that waits for a code to be typed to show another one. False when none waits. */
  refreshCode(force: boolean): boolean {
    const { number } = this.#person;
    const hello = this.#linkings.hellos.get(number);
    if (!hello?.connection.open) return false;
    this.#linkings.hellos.delete(number);
    const stanza = refreshCode(hello, force, this.#world.clock.now());
    this.#linkings.told(hello.connection, stanza.attrs['id'] ?? '', 'link_code_companion_reg');
    return hello.connection.send(stanza);
  }

  /** The passkey ceremony of this account that began last, also when it is over. */
  get ceremony(): Ceremony | undefined {
    return this.#ceremony;
  }

  /** The first scan may retire the secret; one that is retired links nothing (docs/protocol.md, "QR refresh"). */
  #refuseRetired(connection: Client, { ref, advSecret }: QrCode): void {
    if (this.#linkings.isRetired(connection, advSecret)) {
      throw new Error('the secret of this QR code was retired: scan the code that is shown now');
    }
    const { refresh } = this.policy;
    const shown = (connection.registration?.refs.indexOf(ref) ?? -1) + 1;
    if (!refresh || refresh.times === 0 || (refresh.ref !== undefined && refresh.ref !== shown)) return;
    this.policy = { ...this.policy, refresh: { ...refresh, times: refresh.times - 1 } };
    refreshQr(this.#world, this.#linkings, connection, advSecret, refresh.child);
    throw new Error('WhatsApp has retired the secret of this QR code: scan the code that is shown now');
  }

  /** Goes on once the phone knows the client's secret: straight, or by way of the account's passkey. */
  #begin(connection: Client, secret: Uint8Array): Promise<Device> {
    const { passkey } = this.policy;
    if (!passkey) return this.#link(connection, secret);
    this.#linkings.endCeremony(connection, new Error('another linking of the same client has begun'));
    return new Promise((resolve, reject) => {
      const link = (fresh: Uint8Array): Promise<Device> => this.#link(connection, fresh);
      const { refuse: _refused, ...later } = passkey;
      const refused = (): void => {
        this.policy = { ...this.policy, passkey: later };
      };
      const about = { world: this.#world, person: this.#person, connection, policy: passkey, refused };
      const ceremony = new Ceremony({ ...about, secret, link, settle: { resolve, reject } });
      this.#ceremony = ceremony;
      this.#linkings.ceremonies.set(connection, ceremony);
      const stanza = ceremony.begin();
      this.#linkings.told(connection, stanza.attrs['id'] ?? '', stanza.attrs['type'] ?? '');
      connection.send(stanza);
      this.#world.events.emit('passkey', { phone: ceremony.number, state: ceremony.state });
    });
  }

  /** From pair-success on the client takes itself for linked: the device is on record before. */
  async #link(connection: Client, secret: Uint8Array): Promise<Device> {
    const { registration } = connection;
    if (!registration) throw new Error('the client is linked already');
    const now = this.#world.clock.now();
    const { addressing } = this.#world.options;
    const { keys, props } = registration;
    const device = new Device(this.#person, this.#person.claimDeviceId(), keys, props, now);
    const { stanza, details } = pairSuccess(this.#person, device.id, keys.identity, secret, { now, addressing });
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
