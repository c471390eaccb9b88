import { LIDMappingStore } from '@whiskeysockets/baileys/lib/Signal/lid-mapping.js';
import { expect, it } from 'vitest';
import { boundHiddenIds } from '../../../../plugins/baileys/repairs/lid-cache.ts';

const quiet = { level: 'silent', trace() {}, debug() {}, info() {}, warn() {}, error() {} } as never;

/** Tells a store of so many people, and counts whom it looks up on the disk when it is asked for them again. */
const lookUpsAfter = async (people: number, repair: (lidMapping: LIDMappingStore) => void) => {
  const rows = new Map<string, string>();
  let lookUps = 0;
  const keys = {
    get: async (_type: string, ids: string[]) => {
      lookUps += ids.length;
      return Object.fromEntries(ids.flatMap((id) => (rows.has(id) ? [[id, rows.get(id)]] : [])));
    },
    set: async ({ 'lid-mapping': pairs }: { 'lid-mapping': Record<string, string> }) => {
      for (const [key, value] of Object.entries(pairs)) rows.set(key, value);
    },
    transaction: async <T>(act: () => Promise<T>) => act(),
  };
  const lidMapping = new LIDMappingStore(keys as never, quiet);
  repair(lidMapping);
  const pairs = Array.from({ length: people }, (_, index) => ({
    ...{ lid: `${10_000 + index}@lid`, pn: `${1_555_000_000 + index}@s.whatsapp.net` },
  }));
  await lidMapping.storeLIDPNMappings(pairs);
  lookUps = 0;
  const found = await lidMapping.getLIDForPN('1555000000@s.whatsapp.net');
  lidMapping.close();
  return { found, lookUps };
};

it('remembers a limited number of hidden ids, and reads the others', async () => {
  const bounded = (lidMapping: LIDMappingStore) => boundHiddenIds({ lidMapping });
  expect(await lookUpsAfter(100, bounded)).toEqual({ found: '10000@lid', lookUps: 0 });
  expect(await lookUpsAfter(23_000, bounded)).toEqual({ found: '10000@lid', lookUps: 1 });
});

it('the repair is still needed: plain Baileys remembers everybody', async () => {
  expect(await lookUpsAfter(23_000, () => undefined)).toEqual({ found: '10000@lid', lookUps: 0 });
});
