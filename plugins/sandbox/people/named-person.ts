import type { Person } from '../world/people.ts';

/** How a person of the sandbox is called: the same for one who owns a phone of ours and for a contact. */
export class NamedPerson {
  readonly #person: Person;

  constructor(person: Person) {
    this.#person = person;
  }

  get number(): string {
    return this.#person.number;
  }

  /** The push name, which linked devices learn from app state. */
  get name(): string {
    return this.#person.name;
  }

  get jid(): string {
    return this.#person.jid;
  }

  get lid(): string {
    return this.#person.lid;
  }
}
