import { createHash } from 'node:crypto';
import {
  chatModificationToAppPatch,
  decodePatches,
  encodeSyncdPatch,
  newLTHashState,
  proto,
} from '@whiskeysockets/baileys';
import { SerialQueue } from 'waha-runtime';
import { DecodingLog } from './decoding-log.ts';

/** What a phone, or a linked device, may do to chats, messages, contacts, labels and its own name. */
export type Modification = Parameters<typeof chatModificationToAppPatch>[0];

type CollectionName = Parameters<typeof decodePatches>[0];
type HashState = ReturnType<typeof newLTHashState>;

/** One entry of the app state: what it is about, and what holds. */
export interface AppStateEntry {
  readonly collection: string;
  /** Kind and subject, such as `['archive', JID]`. */
  readonly index: readonly string[];
  /** Undefined: it was removed. */
  readonly action: proto.ISyncActionValue | undefined;
}

/** One collection of an account's app state: versions count from 1, patch n makes version n. */
interface Collection {
  readonly patches: Uint8Array[];
  hash: HashState;
  /** What holds now, by index, in the order of the last change. */
  readonly entries: Map<string, AppStateEntry>;
}

/** App state as it is kept over a restart. */
export interface SavedAppState {
  readonly collections: readonly (readonly [string, readonly Uint8Array[]])[];
}

/** Why a patch of a linked device is not taken. */
export type PatchRefusal = 'conflict' | 'unreadable';

/**
 * What an account's phone and linked devices share: names, archived chats, stars, labels. WhatsApp's server only stores
 * patches; here the phone reads them, too, and refuses what it cannot decrypt or what does not fit the state before.
 */
export class AppState {
  readonly key: proto.Message.IAppStateSyncKey;
  readonly #keyId: Buffer;
  readonly #changed: () => void;
  readonly #collections = new Map<string, Collection>();
  /** Changes are made one after the other: each stands on the hash of the one before. */
  readonly #turns = new SerialQueue();

  /** The key follows from the number: devices that were given it can read on after a restart. */
  constructor(number: string, now: number, changed: () => void = () => undefined) {
    const secret = createHash('sha512').update(`app state ${number}`).digest();
    this.#keyId = secret.subarray(32, 38);
    this.#changed = changed;
    this.key = {
      keyId: { keyId: this.#keyId },
      keyData: {
        keyData: secret.subarray(0, 32),
        fingerprint: { rawId: 1, currentIndex: 0, deviceIndexes: [0] },
        timestamp: now,
      },
    };
  }

  /** The patches of a collection; their number is its version. */
  patches(name: string): readonly Uint8Array[] {
    return this.#collection(name).patches;
  }

  /** Everything that holds, decrypted. Resolves when the changes under way are made. */
  async entries(): Promise<AppStateEntry[]> {
    await this.#turns.idle();
    return [...this.#collections.values()].flatMap(({ entries }) => [...entries.values()]);
  }

  /**
   * Takes a patch that a linked device made on `version`. Gives the entries that it changed, or why it was refused:
   * made on another version than the newest, or unreadable.
   */
  append(name: string, version: number, patch: Uint8Array): Promise<readonly AppStateEntry[] | PatchRefusal> {
    return this.#turns.run(async () => {
      const { patches } = this.#collection(name);
      if (version !== patches.length) return 'conflict';
      // Clients leave the version out; the server writes it in, so that several patches can be told apart.
      const numbered = { ...proto.SyncdPatch.decode(patch), version: { version: version + 1 } };
      return (await this.#read(name, proto.SyncdPatch.encode(numbered).finish())) ?? 'unreadable';
    });
  }

  /** Changes something as the phone would, and gives the name of the collection that changed. */
  change(modification: Modification, jid = ''): Promise<string> {
    return this.#turns.run(async () => {
      const patch = chatModificationToAppPatch(modification, jid);
      const { hash } = this.#collection(patch.type);
      const made = await encodeSyncdPatch(patch, this.#keyId.toString('base64'), hash, this.#getKey);
      const version = { version: made.state.version };
      const entries = await this.#read(patch.type, proto.SyncdPatch.encode({ ...made.patch, version }).finish());
      if (!entries) throw new Error(`the phone could not read its own change of '${patch.type}'`);
      return patch.type;
    });
  }

  save(): SavedAppState {
    return { collections: [...this.#collections].map(([name, { patches }]) => [name, patches] as const) };
  }

  /** Takes up what was kept. */
  restore({ collections }: SavedAppState): void {
    for (const [name, patches] of collections) this.#collection(name).patches.push(...patches);
    void this.#turns.run(async () => {
      for (const [name, patches] of collections) for (const patch of patches) await this.#decode(name, patch, false);
    });
  }

  /** Decrypts a patch and keeps it; undefined when it cannot be read. */
  async #read(name: string, bytes: Uint8Array): Promise<AppStateEntry[] | undefined> {
    const changed = await this.#decode(name, bytes, true);
    if (!changed) return undefined;
    this.#collection(name).patches.push(bytes);
    this.#changed();
    return changed;
  }

  /** What a patch changes. `verified`: undefined when a code in it is wrong. */
  async #decode(name: string, bytes: Uint8Array, verified: boolean): Promise<AppStateEntry[] | undefined> {
    const collection = this.#collection(name);
    const patch = proto.SyncdPatch.decode(bytes);
    const operations = patch.mutations.map(({ operation }) => operation);
    const log = new DecodingLog();
    const result = await decodePatches(
      name as CollectionName,
      [patch],
      collection.hash,
      this.#getKey,
      {},
      undefined,
      log,
      verified,
    ).catch(() => null);
    const mutations = Object.entries(result?.mutationMap ?? {});
    if (!result || log.complained || mutations.length !== operations.length) return undefined;
    collection.hash = result.state;
    return mutations.map(([key, { index, syncAction }], at) => {
      const removed = operations[at] === proto.SyncdMutation.SyncdOperation.REMOVE;
      const entry = { collection: name, index, action: removed ? undefined : (syncAction.value ?? undefined) };
      collection.entries.delete(key);
      if (!removed) collection.entries.set(key, entry);
      return entry;
    });
  }

  readonly #getKey = async (): Promise<proto.Message.AppStateSyncKeyData> =>
    proto.Message.AppStateSyncKeyData.fromObject(this.key.keyData ?? {});

  #collection(name: string): Collection {
    const known = this.#collections.get(name);
    const collection = known ?? { patches: [], hash: newLTHashState(), entries: new Map() };
    this.#collections.set(name, collection);
    return collection;
  }
}
