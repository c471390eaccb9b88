import type {
  SignalDataSet,
  SignalKeyStoreWithTransaction,
  SignalRepositoryWithLIDStore,
  UserFacingSocketConfig,
} from '@whiskeysockets/baileys';
import { holdType } from '../credentials/auth-state.ts';

type MakeRepository = NonNullable<UserFacingSocketConfig['makeSignalRepository']>;

/** Where a hold on everything that is written comes from. */
export interface Holds {
  /** Nothing is written until the transaction whose commit brings this mark is durable. */
  holdUntilCommitted(): string;
}

/**
 * Baileys writes a message while the transaction that encrypted it is still open: a crash in between would send, and
 * forget that it sent, and the next message would use the same key again. So from its encryption on nothing is written
 * until the transaction is on disk. Between encrypting and writing Baileys asks the server nothing, for that would wait for
 * itself; in a group it does after encrypting, but not after noting who has the group's key.
 */
export const holdingRepository =
  (holds: Holds, make: MakeRepository): MakeRepository =>
  (state, logger, findLids) => {
    const keys = state.keys as SignalKeyStoreWithTransaction;
    const set = keys.set.bind(keys);
    const hold = async (): Promise<void> => {
      if (keys.isInTransaction()) await set({ [holdType]: { [holds.holdUntilCommitted()]: true } } as SignalDataSet);
    };
    keys.set = async (data) => {
      await set(data);
      if ('sender-key-memory' in data) await hold();
    };
    const repository: SignalRepositoryWithLIDStore = make(state, logger, findLids);
    return {
      ...repository,
      encryptMessage: async (options) => {
        const encrypted = await repository.encryptMessage(options);
        await hold();
        return encrypted;
      },
    };
  };
