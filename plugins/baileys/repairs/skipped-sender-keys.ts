import type { SignalKeyStoreWithTransaction, UserFacingSocketConfig } from '@whiskeysockets/baileys';

type MakeRepository = NonNullable<UserFacingSocketConfig['makeSignalRepository']>;
type Values = Readonly<Record<string, Uint8Array | null>>;

interface SenderKeyState {
  senderMessageKeys: { iteration: number; seed: unknown }[];
  readonly senderSigningKey: { readonly private?: unknown };
}

/** A state with skipped keys has these bytes. */
const skipped = Buffer.from('"senderMessageKeys":[{');

/**
 * When a group's message comes before the one that was sent before it, the key of the earlier one is kept for it. Baileys
 * stores it as JSON of a `Buffer` (a list of numbers) and reads it back as such an object, with which nothing decrypts: the
 * message is asked for again and again. Here it is stored in the form that Baileys reads, and what was stored before is read
 * so, too.
 *
 * Of its own messages Baileys skips every other key and keeps each that it skipped, 160 bytes a message, although nobody
 * decrypts their own messages. They are left out.
 */
export const keptSenderKeys =
  (make: MakeRepository): MakeRepository =>
  (state, logger, findLids) => {
    const keys = state.keys as SignalKeyStoreWithTransaction;
    const get = keys.get.bind(keys);
    const set = keys.set.bind(keys);
    keys.get = async (type, ids) => {
      const found = await get(type, ids);
      return type === 'sender-key' ? (tidied(found as unknown as Values) as typeof found) : found;
    };
    keys.set = (data) => {
      const senderKeys = data['sender-key'];
      return set(senderKeys ? { ...data, 'sender-key': tidied(senderKeys as Values) as typeof senderKeys } : data);
    };
    return make(state, logger, findLids);
  };

const tidied = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).map(([id, value]) => [id, value && tidy(value)]));

const tidy = (value: Uint8Array): Uint8Array => {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (!bytes.includes(skipped)) return value;
  const states = JSON.parse(bytes.toString('utf8')) as SenderKeyState[];
  for (const state of states) {
    const isOwn = bytesOf(state.senderSigningKey.private).length > 0;
    state.senderMessageKeys = isOwn ? [] : state.senderMessageKeys.map(readable);
  }
  return Buffer.from(JSON.stringify(states));
};

const readable = ({ iteration, seed }: SenderKeyState['senderMessageKeys'][number]) => ({
  iteration,
  seed: { type: 'Buffer', data: bytesOf(seed).toString('base64') },
});

/** Bytes in any of their JSON forms: base64 or a list in `data`, or an object of numbers, which is a `Uint8Array`. */
const bytesOf = (value: unknown): Buffer => {
  const { data } = (value ?? {}) as { readonly data?: unknown };
  if (typeof data === 'string') return Buffer.from(data, 'base64');
  return Buffer.from(Array.isArray(data) ? data : Object.values(value ?? {}));
};
