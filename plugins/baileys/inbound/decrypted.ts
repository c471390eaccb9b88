import { setImmediate } from 'node:timers/promises';
import type { UserFacingSocketConfig } from '@whiskeysockets/baileys';
import { proto, type SignalRepositoryWithLIDStore, unpadRandomMax16 } from '@whiskeysockets/baileys';
import type { AuthState } from '../credentials/auth-state.ts';
import { isMe } from '../credentials/me.ts';
import type { DecryptionWatch } from '../repairs/quick-sessions.ts';

type MakeRepository = NonNullable<UserFacingSocketConfig['makeSignalRepository']>;

/** After so many messages in one go the event loop gets a turn. */
const IN_ONE_GO = 16;

/**
 * A burst is handled without a single turn of the event loop, as long as the stores answer at once: for that second nothing
 * else in the process is heard, and no receipt leaves. So every few messages there is a breath.
 */
export const breathing = (): (() => Promise<void> | undefined) => {
  let inOneGo = 0;
  return () => {
    inOneGo = (inOneGo + 1) % IN_ONE_GO;
    return inOneGo === 0 ? setImmediate() : undefined;
  };
};

/**
 * Baileys' own Signal repository, which says when a stanza has been decrypted: the moment after which Baileys receipts it.
 * WhatsApp's talk with itself (keys, history) is left out: handling it asks the server, and nothing of it is published.
 */
export const tellingRepository =
  (auth: AuthState, { breathe, onDecrypted }: DecryptionWatch, make: MakeRepository): MakeRepository =>
  (state, logger, findLids) => {
    const repository: SignalRepositoryWithLIDStore = make(state, logger, findLids);
    return {
      ...repository,
      decryptMessage: async (options) => {
        await breathe();
        const plaintext = await repository.decryptMessage(options);
        if (!isOwnTalk(auth, options.jid, plaintext)) onDecrypted();
        return plaintext;
      },
      decryptGroupMessage: async (options) => {
        await breathe();
        const plaintext = await repository.decryptGroupMessage(options);
        onDecrypted();
        return plaintext;
      },
    };
  };

const isOwnTalk = ({ creds }: AuthState, author: string, plaintext: Uint8Array): boolean => {
  const { me } = creds;
  if (!isMe(author, me)) return false;
  try {
    return proto.Message.decode(unpadRandomMax16(plaintext)).protocolMessage != null;
  } catch {
    return true;
  }
};
