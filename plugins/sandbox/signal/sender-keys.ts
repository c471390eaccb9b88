import { proto } from '@whiskeysockets/baileys';
import type { SenderKeyStore } from '@whiskeysockets/baileys/lib/Signal/Group/group_cipher.js';
import { GroupSessionBuilder } from '@whiskeysockets/baileys/lib/Signal/Group/group-session-builder.js';
import { SenderKeyDistributionMessage } from '@whiskeysockets/baileys/lib/Signal/Group/sender-key-distribution-message.js';
import { SenderKeyMessage } from '@whiskeysockets/baileys/lib/Signal/Group/sender-key-message.js';
import { SenderKeyName } from '@whiskeysockets/baileys/lib/Signal/Group/sender-key-name.js';
import { SenderKeyRecord } from '@whiskeysockets/baileys/lib/Signal/Group/sender-key-record.js';
import type { SenderKeyState } from '@whiskeysockets/baileys/lib/Signal/Group/sender-key-state.js';
import { decrypt, encrypt } from 'libsignal/src/crypto.js';
import { verifySignature } from 'whatsapp-rust-bridge';
import { Signer } from '../wire/signer.ts';

const OWN = 'own';
/** The format's version, and the oldest that readers must know: 3 and 3. */
const VERSION = Buffer.from([0x33]);

/** What one device knows of a group: keys by their owner, and who has been handed its own. */
interface GroupKeys {
  readonly records: Map<string, SenderKeyRecord>;
  readonly holders: Set<string>;
}

/** The keys of a group as they are kept over a restart. */
export interface SavedGroupKeys {
  readonly records: readonly (readonly [string, ReturnType<SenderKeyRecord['serialize']>])[];
  readonly holders: readonly string[];
}

/** The sender keys of one device: its own per group, which it hands to the others, and theirs. */
export class SenderKeys {
  readonly #groups = new Map<string, GroupKeys>();
  /** By the private key (base64). */
  readonly #signers = new Map<string, Signer>();
  readonly #changed: (group: string) => void;

  /** `changed` is told the JID of a group whose keys are not what they were. */
  constructor(changed: (group: string) => void = () => undefined) {
    this.#changed = changed;
  }

  /** The key to this device's messages in a group, for those who do not have it. Made on first use. */
  async distribution(group: string): Promise<Uint8Array> {
    const message = await new GroupSessionBuilder(this.#store(group)).create(nameOf(group, OWN));
    return message.serialize();
  }

  /**
   * Encrypts for everyone in a group, and signs. Throws when no key was made yet. Takes one key of the chain after the
   * other, as phones do; Baileys' own sender leaves out every second one, and its readers keep each that was left out.
   */
  async encrypt(group: string, plaintext: Uint8Array): Promise<Uint8Array> {
    const state = this.#keys(group).records.get(nameOf(group, OWN).toString())?.getSenderKeyState();
    if (!state) throw new Error(`there is no key of ours for ${group}`);
    const chain = state.getSenderChainKey();
    const key = chain.getSenderMessageKey();
    state.setSenderChainKey(chain.getNext());
    this.#changed(group);
    const ciphertext = await encrypt(key.getCipherKey(), Buffer.from(plaintext), key.getIv());
    const content = { id: state.getKeyId(), iteration: key.getIteration(), ciphertext };
    const message = Buffer.concat([VERSION, proto.SenderKeyMessage.encode(content).finish()]);
    return Buffer.concat([message, this.#signer(state.getSigningKeyPrivate()).sign(message)]);
  }

  /** Takes the key of another device. */
  async learn(group: string, peer: string, distribution: Uint8Array): Promise<void> {
    const message = new SenderKeyDistributionMessage(null, null, null, null, distribution);
    await new GroupSessionBuilder(this.#store(group)).process(nameOf(group, peer), message);
  }

  /**
   * Decrypts, and checks the signature. Throws when the sender's key is unknown. A message to a large group is read by a thousand
   * phones, so its signature is checked once, and not with libsignal's JavaScript.
   */
  async decrypt(group: string, peer: string, bytes: Uint8Array): Promise<Uint8Array> {
    const message = new SenderKeyMessage(null, null, null, null, bytes);
    const record = this.#keys(group).records.get(nameOf(group, peer).toString());
    const state = record?.getSenderKeyState(message.getKeyId());
    if (!state) throw new Error(`there is no key of ${peer} for ${group}`);
    if (!isSignedBy(state.getSigningKeyPublic(), bytes)) throw new Error(`the signature of ${peer} is not valid`);
    const key = messageKeyOf(state, message.getIteration());
    const plaintext = await decrypt(Buffer.from(key.getCipherKey()), message.getCipherText(), Buffer.from(key.getIv()));
    this.#changed(group);
    return plaintext;
  }

  /** Whether a device still needs this one's key; it counts as handed over from then on. */
  owes(group: string, peer: string): boolean {
    const { holders } = this.#keys(group);
    if (holders.has(peer)) return false;
    holders.add(peer);
    this.#changed(group);
    return true;
  }

  /** Throws the own key of a group away: somebody has left who knew it. */
  rotate(group: string): void {
    const keys = this.#groups.get(group);
    if (!keys) return;
    keys.holders.clear();
    this.#signers.clear();
    keys.records.delete(nameOf(group, OWN).toString());
    this.#changed(group);
  }

  /** Loses everything, as a phone does that is registered anew. */
  forgetAll(): void {
    const groups = [...this.#groups.keys()];
    this.#groups.clear();
    this.#signers.clear();
    for (const group of groups) this.#changed(group);
  }

  save(group: string): SavedGroupKeys {
    const { records, holders } = this.#keys(group);
    return { records: [...records].map(([name, record]) => [name, record.serialize()]), holders: [...holders] };
  }

  restore(group: string, { records, holders }: SavedGroupKeys): void {
    const keys = records.map(([name, saved]) => [name, new SenderKeyRecord(saved)] as const);
    this.#groups.set(group, { records: new Map(keys), holders: new Set(holders) });
  }

  #signer(key: Uint8Array | undefined): Signer {
    if (!key) throw new Error('there is no key to sign with');
    const name = Buffer.from(key).toString('base64');
    const signer = this.#signers.get(name) ?? new Signer(key);
    this.#signers.set(name, signer);
    return signer;
  }

  #keys(group: string): GroupKeys {
    const keys = this.#groups.get(group) ?? { records: new Map(), holders: new Set() };
    this.#groups.set(group, keys);
    return keys;
  }

  #store(group: string): SenderKeyStore {
    const { records } = this.#keys(group);
    return {
      loadSenderKey: async (name) => records.get(name.toString()) ?? new SenderKeyRecord(),
      storeSenderKey: async (name, record) => {
        records.set(name.toString(), record);
        this.#changed(group);
      },
    };
  }
}

function nameOf(group: string, peer: string): SenderKeyName {
  return new SenderKeyName(group, { id: peer, deviceId: 0, toString: () => peer });
}

const SIGNATURE_LENGTH = 64;
/** How many keys of a chain a message may skip. */
const MOST_SKIPPED = 2_000;
/** The public key (base64) whose signature a message was found to have. */
const signers = new WeakMap<Uint8Array, string>();

const isSignedBy = (key: Uint8Array, message: Uint8Array): boolean => {
  const name = Buffer.from(key).toString('base64');
  if (signers.get(message) === name) return true;
  const [content, signature] = [message.subarray(0, -SIGNATURE_LENGTH), message.subarray(-SIGNATURE_LENGTH)];
  if (!verifySignature(key, content, signature)) return false;
  signers.set(message, name);
  return true;
};

/** The key of the message with this number; those of messages that are still to come in between are kept. */
const messageKeyOf = (state: SenderKeyState, iteration: number) => {
  let chain = state.getSenderChainKey();
  if (chain.getIteration() > iteration) {
    const kept = state.removeSenderMessageKey(iteration);
    if (!kept) throw new Error(`message ${iteration} of the chain came before`);
    return kept;
  }
  if (iteration - chain.getIteration() > MOST_SKIPPED) throw new Error(`${MOST_SKIPPED} messages are missing`);
  for (; chain.getIteration() < iteration; chain = chain.getNext())
    state.addSenderMessageKey(chain.getSenderMessageKey());
  state.setSenderChainKey(chain.getNext());
  return chain.getSenderMessageKey();
};
