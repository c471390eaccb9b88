import type { Right } from './http.ts';

/** What a key may do: each right that is true. Null stands for everything but `delete`. */
export type KeyActions = Readonly<Partial<Record<Exclude<Right, 'admin'>, boolean>>>;

/** A key as its owner sees it. */
export interface OwnedKey {
  readonly id: string;
  /** What is sent as `X-Api-Key`; null when only its hash is kept. */
  readonly key: string | null;
}

/** Keys that a plugin makes for itself; nobody else changes or removes them. */
export interface ApiKeys {
  /** Makes a key for one session. `owner` is named where somebody tries to change it. */
  create(key: {
    readonly session: string;
    readonly actions: KeyActions;
    readonly isActive: boolean;
    readonly owner: string;
  }): Promise<OwnedKey>;
  /** The key of this id, null when there is none. */
  get(id: string): OwnedKey | null;
  /** Rejects with `UNPROCESSABLE` when the key is gone. */
  change(id: string, change: { readonly actions: KeyActions; readonly isActive: boolean }): Promise<OwnedKey>;
  remove(id: string): Promise<void>;
}
