import type { SignalDataSet, SignalDataTypeMap } from '@whiskeysockets/baileys';
import { Recent } from '../recent.ts';
import type { AuthState } from './auth-state.ts';

const KEPT = 2000;

/**
 * A few small facts of one kind that outlive a connection, kept with the account's keys: so they are there in sessions without
 * a store, too, and go when the account goes. The kind begins with `waha-`, which no key of Signal does.
 */
export class Remembered<V extends object> {
  readonly #keys: AuthState['keys'];
  readonly #kind: `waha-${string}`;
  /** Null: nothing is kept. */
  readonly #known = new Recent<V | null>(KEPT);

  constructor({ keys }: Pick<AuthState, 'keys'>, kind: `waha-${string}`) {
    this.#keys = keys;
    this.#kind = kind;
  }

  /** Never rejects: what cannot be read is not known. */
  async get(id: string): Promise<V | undefined> {
    const known = this.#known.get(id);
    if (known !== undefined) return known ?? undefined;
    const kind = this.#kind as keyof SignalDataTypeMap;
    const found = await Promise.resolve(this.#keys.get(kind, [id])).catch(() => undefined);
    const value = (found?.[id] as V | undefined) ?? null;
    if (found && this.#known.get(id) === undefined) this.#known.set(id, value);
    return this.#known.get(id) ?? value ?? undefined;
  }

  /** Holds at once; a store that fails ends the connection by itself. */
  set(id: string, value: V): void {
    this.#known.set(id, value);
    const data = { [this.#kind]: { [id]: value } } as unknown as SignalDataSet;
    void Promise.resolve(this.#keys.set(data)).catch(() => undefined);
  }
}
