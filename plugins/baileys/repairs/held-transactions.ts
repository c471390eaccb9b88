import type {
  SignalDataSet,
  SignalKeyStoreWithTransaction,
  SignalRepositoryWithLIDStore,
  UserFacingSocketConfig,
} from '@whiskeysockets/baileys';
import { holdType } from '../credentials/auth-state.ts';
import { SharedAsyncLocalStorage } from '../libsignal/shared-context.ts';

type MakeRepository = NonNullable<UserFacingSocketConfig['makeSignalRepository']>;

/** Where a hold on everything that is written comes from. */
export interface Holds {
  /** Nothing is written until the transaction whose commit brings this mark is durable. */
  holdUntilCommitted(): string;
  /** The transaction of these marks was rolled back. */
  giveUp(marks: readonly string[]): void;
}

/**
 * Baileys writes a message while the transaction that encrypted it is still open: a crash in between would send, and
 * forget that it sent, and the next message would use the same key again. So from its encryption on nothing is written
 * until the transaction is on disk, however long that takes: between encrypting and writing Baileys reads more keys, and a
 * database may be slow to answer. It asks the server nothing in between, for that would wait for itself; in a group it does after
 * encrypting, but not after noting who has the group's key. Writing is the last thing it does: a transaction that fails sent nothing.
 */
export const holdingRepository =
  (holds: Holds, make: MakeRepository): MakeRepository =>
  (state, logger, findLids) => {
    const keys = state.keys as SignalKeyStoreWithTransaction;
    const marksOf = new SharedAsyncLocalStorage<string[]>();
    const set = keys.set.bind(keys);
    const transaction = keys.transaction.bind(keys);
    const hold = async (): Promise<void> => {
      if (!keys.isInTransaction()) return;
      const mark = holds.holdUntilCommitted();
      marksOf.getStore()?.push(mark);
      await set({ [holdType]: { [mark]: true } } as SignalDataSet);
    };
    keys.set = async (data) => {
      await set(data);
      if ('sender-key-memory' in data) await hold();
    };
    keys.transaction = (work, lock) => {
      // One within another is committed with that one.
      if (keys.isInTransaction()) return transaction(work, lock);
      const marks: string[] = [];
      return marksOf
        .run(marks, () => transaction(work, lock))
        .catch((error: unknown) => {
          holds.giveUp(marks);
          throw error;
        });
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
