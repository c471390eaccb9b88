import { jidNormalizedUser, type LIDMapping, type UserFacingSocketConfig } from '@whiskeysockets/baileys';
import { askWith } from '../socket/hidden-ids.ts';
import { boundHiddenIds } from './lid-cache.ts';

type MakeRepository = NonNullable<UserFacingSocketConfig['makeSignalRepository']>;

/**
 * Baileys asks WhatsApp for the hidden id of a number whenever it needs one and knows none: for each message that is
 * decrypted, and several times inside the transaction that encrypts one. With a number that has no hidden id, or a server
 * that does not answer, every message waits for that; and an answer in between moves the session to another name while it is
 * in use. WhatsApp's clients go by what they know: hidden ids come with messages, device lists and notifications. So
 * lookups answer from what is known, and only who means to ask does, with `hiddenIdOf`.
 *
 * Baileys fetches the keys of a number's devices under the hidden id, and of a number without one not at all. WhatsApp takes
 * the number there.
 */
export const knownHiddenIds =
  (make: MakeRepository): MakeRepository =>
  (state, logger, findLids) => {
    const repository = make(state, logger, async () => []);
    boundHiddenIds(repository);
    const { lidMapping } = repository;
    const known = lidMapping.getLIDsForPNs.bind(lidMapping);
    const lookUp = async (number: string): Promise<string | null> => (await known([number]))?.[0]?.lid ?? null;
    lidMapping.getLIDForPN = lookUp;
    lidMapping.getLIDsForPNs = async (numbers) => orNumbers(numbers, (await known(numbers)) ?? []);
    askWith(lidMapping, async (numbers) => {
      const pairs = await Promise.all(numbers.map(async (number) => [number, await lookUp(number)] as const));
      const lids = new Map(pairs.flatMap(([number, lid]) => (lid ? [[number, lid] as const] : [])));
      const unknown = numbers.filter((number) => !lids.has(number));
      const found = unknown.length > 0 ? ((await findLids?.(unknown.map((one) => jidNormalizedUser(one)))) ?? []) : [];
      if (found.length > 0) await lidMapping.storeLIDPNMappings([...found]);
      for (const { pn, lid } of found) {
        await repository.migrateSession(pn, lid);
        for (const number of unknown) if (jidNormalizedUser(number) === jidNormalizedUser(pn)) lids.set(number, lid);
      }
      return lids;
    });
    return repository;
  };

/** Those without a hidden id keep their number, under which WhatsApp gives their keys, too. */
const orNumbers = (numbers: readonly string[], pairs: readonly LIDMapping[]): LIDMapping[] => {
  const found = new Set(pairs.map(({ pn }) => pn));
  return [...pairs, ...numbers.filter((pn) => !found.has(pn)).map((pn) => ({ pn, lid: pn }))];
};
