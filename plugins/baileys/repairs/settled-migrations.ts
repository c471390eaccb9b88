import { jidDecode, type UserFacingSocketConfig } from '@whiskeysockets/baileys';
import type { AuthState } from '../credentials/auth-state.ts';
import { Recent } from '../recent.ts';

type MakeRepository = NonNullable<UserFacingSocketConfig['makeSignalRepository']>;

const KEPT = 1000;

/** Of a session under a hidden id: the number's domain is not in its name, that of hidden ids is. */
const ofHiddenId = /_1(29)?\./;

/**
 * With each message of a person who goes by a number and a hidden id Baileys moves the person's Signal sessions from the
 * number to the hidden id: it reads the list of devices and their sessions, and opens a transaction, also when there is nothing
 * to move. Where nothing was, nothing is until a session or the list of devices of that number is written again.
 */
export const settledMigrations =
  (auth: Pick<AuthState, 'onWrite'>, make: MakeRepository): MakeRepository =>
  (state, logger, findLids) => {
    const repository = make(state, logger, findLids);
    const { migrateSession } = repository;
    /** By the user of the number: where nothing was to be moved to, and what Baileys said. */
    const settled = new Recent<{ readonly to: string; readonly result: Awaited<ReturnType<typeof migrateSession>> }>(
      KEPT,
    );
    let writes = 0;
    auth.onWrite((type, id) => {
      if (type !== 'device-list' && (type !== 'session' || ofHiddenId.test(id))) return;
      writes += 1;
      settled.delete(id.split(/[._]/, 1)[0] ?? '');
    });
    return {
      ...repository,
      migrateSession: async (from, to) => {
        const { user = '' } = jidDecode(from) ?? {};
        const known = settled.get(user);
        if (known?.to === to) return known.result;
        const before = writes;
        const result = await migrateSession(from, to);
        // What is written while Baileys looks may not be in its answer.
        if (result.migrated === 0 && before === writes) settled.set(user, { to, result });
        return result;
      },
    };
  };
