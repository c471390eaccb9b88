import { createHash } from 'node:crypto';
import { chatModificationToAppPatch, encodeSyncdPatch, newLTHashState, proto } from '@whiskeysockets/baileys';

type Modification = Parameters<typeof chatModificationToAppPatch>[0];

/** One collection of an account's app state: versions count from 1, patch n makes version n. */
export interface Collection {
  readonly patches: Uint8Array[];
}

/** App state as it is kept over a restart. */
export interface SavedAppState {
  readonly collections: readonly (readonly [string, readonly Uint8Array[]])[];
  readonly hashes: readonly (readonly [string, ReturnType<typeof newLTHashState>])[];
}

/** What an account's phone and linked devices share: names, archived chats, labels. The server only stores patches. */
export class AppState {
  readonly key: proto.Message.IAppStateSyncKey;
  readonly #keyId: Buffer;
  readonly #changed: () => void;
  readonly #collections = new Map<string, Collection>();
  readonly #hashes = new Map<string, ReturnType<typeof newLTHashState>>();

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

  collection(name: string): Collection {
    const collection = this.#collections.get(name) ?? { patches: [] };
    this.#collections.set(name, collection);
    return collection;
  }

  /** Adds a patch of a linked device. False when it was made on another version than the newest. */
  append(name: string, version: number, patch: Uint8Array): boolean {
    const { patches } = this.collection(name);
    if (version !== patches.length) return false;
    // Clients leave the version out; the server writes it in, so that several patches can be told apart.
    const numbered = { ...proto.SyncdPatch.decode(patch), version: { version: version + 1 } };
    patches.push(proto.SyncdPatch.encode(numbered).finish());
    this.#changed();
    return true;
  }

  save(): SavedAppState {
    const collections = [...this.#collections].map(([name, { patches }]) => [name, patches] as const);
    return { collections, hashes: [...this.#hashes] };
  }

  restore({ collections, hashes }: SavedAppState): void {
    for (const [name, patches] of collections) this.#collections.set(name, { patches: [...patches] });
    for (const [name, state] of hashes) this.#hashes.set(name, { ...state, hash: Buffer.from(state.hash) });
  }

  /** Changes something as the phone would, and gives the name of the collection that changed. */
  async change(modification: Modification, jid = ''): Promise<string> {
    const patch = chatModificationToAppPatch(modification, jid);
    const { patches } = this.collection(patch.type);
    const state = { ...(this.#hashes.get(patch.type) ?? newLTHashState()), version: patches.length };
    const keyData = proto.Message.AppStateSyncKeyData.fromObject(this.key.keyData ?? {});
    const made = await encodeSyncdPatch(patch, this.#keyId.toString('base64'), state, async () => keyData);
    this.#hashes.set(patch.type, made.state);
    patches.push(proto.SyncdPatch.encode({ ...made.patch, version: { version: made.state.version } }).finish());
    this.#changed();
    return patch.type;
  }
}
