import { Calls } from './calls/calls.ts';
import { Groups } from './groups/groups.ts';
import { Linkings } from './linking/linkings.ts';
import { Reuploads } from './messages/reuploads.ts';
import { Channels } from './newsletters/channels.ts';
import { Contact } from './people/contact.ts';
import { Phone } from './people/phone.ts';
import type { World } from './world/world.ts';

/** Who acts in a world: phones, contacts and groups, each made when first asked for, and what they have under way. */
export class Directory {
  readonly groups: Groups;
  readonly calls: Calls;
  readonly channels: Channels;
  readonly linkings = new Linkings();
  readonly reuploads = new Reuploads();
  readonly #contacts = new Map<string, Contact>();
  readonly #phones = new Map<string, Phone>();

  constructor(readonly world: World) {
    this.groups = new Groups(world);
    this.calls = new Calls(world);
    this.channels = new Channels(world);
  }

  /** What a number's phone does with messages: decrypts, confirms, writes. */
  contact(number: string, name?: string): Contact {
    const person = this.world.person(number, name);
    const contact = this.#contacts.get(person.number) ?? new Contact(this.world, this, person);
    this.#contacts.set(person.number, contact);
    return contact;
  }

  /** What a number's phone does with linked devices. */
  phone(number: string, name?: string): Phone {
    const person = this.world.person(number, name);
    const known = this.#phones.get(person.number);
    if (known) return known;
    const phone = new Phone(this.world, this.linkings, person);
    this.#phones.set(person.number, phone);
    this.world.journal?.mark('phone', phone.number, () => phone.standing.saved);
    return phone;
  }

  contacts(): Contact[] {
    return [...this.#contacts.values()];
  }

  phones(): Phone[] {
    return [...this.#phones.values()];
  }
}
