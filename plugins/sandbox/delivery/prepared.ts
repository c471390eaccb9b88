import { encodeStanza } from '../wire/encoding.ts';
import type { Delivery, Parcel } from '../world/mailbox.ts';
import type { Device } from '../world/people.ts';
import type { World } from '../world/world.ts';
import { dispatch, type Envelope, share, wrap } from './sending.ts';

/** What Baileys answers to a message it has decrypted before (`NACK_REASONS.ParsingError`). */
const HAD_IT_ALREADY = 487;

/** A message on its way from a contact to the linked devices of an account. */
export interface Sent {
  readonly id: string;
  /** One per linked device. */
  readonly deliveries: readonly Delivery[];
  /** Resolves when every linked device has confirmed it. Rejects when one refused it or was unlinked before. */
  readonly delivered: Promise<void>;
}

/** A message to all linked devices of an account, encrypted and encoded, ready to be fired. */
export class Prepared {
  readonly id: string;
  readonly #world: World;
  readonly #parcels: { readonly device: Device; readonly parcel: Parcel }[] = [];
  #open = 0;
  #failure: Error | undefined;
  #finish: ((failure?: Error) => void) | undefined;

  private constructor(world: World, id: string) {
    this.#world = world;
    this.id = id;
  }

  /** Encrypts. The order of encrypting is the order in which the messages should be fired. */
  static async make(world: World, envelope: Envelope, devices: readonly Device[]): Promise<Prepared> {
    const prepared = new Prepared(world, envelope.id);
    const shared = await share(envelope);
    for (const device of devices) {
      const parcel = await wrap(world, envelope, device, shared, () => prepared.#settled(parcel));
      parcel.encoded = encodeStanza(parcel.node);
      prepared.#parcels.push({ device, parcel });
      prepared.#open += 1;
    }
    return prepared;
  }

  /** Sends it. */
  fire(): Sent {
    for (const { device, parcel } of this.#parcels) dispatch(this.#world, device, parcel);
    return this.#sent();
  }

  #sent(): Sent {
    const wait = () => this.#delivered();
    const deliveries = this.#parcels.flatMap(({ parcel }) => parcel.delivery ?? []);
    let delivered: Promise<void> | undefined;
    return {
      id: this.id,
      deliveries,
      /** Made when first asked for, so that a load test pays for none. */
      get delivered() {
        delivered ??= wait();
        return delivered;
      },
    };
  }

  #delivered(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#finish = (failure) => (failure ? reject(failure) : resolve());
      if (this.#open === 0) this.#finish(this.#failure);
    });
  }

  #settled({ delivery }: Parcel): void {
    this.#open -= 1;
    if (delivery?.outcome === 'nack' && delivery.code !== HAD_IT_ALREADY)
      this.#failure = new Error(`the client refused it with ${delivery.code}`);
    if (delivery?.outcome === 'unlinked') this.#failure = new Error('the device was unlinked before it had it');
    if (this.#open === 0) this.#finish?.(this.#failure);
  }
}
