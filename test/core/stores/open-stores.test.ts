import { describe, expect, it } from 'vitest';
import { chooseDatabases, openStores } from '../../../core/stores/open-stores.ts';
import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { SimulatedClock } from '../../support/clock.ts';
import { recordingLog } from '../../support/log.ts';

const options = { clock: new SimulatedClock(), log: recordingLog() };
const loaded = (...plugins: string[]) => plugins.map((plugin) => ({ plugin, value: memoryDatabase() }));

describe('stores', () => {
  it('all live in the one database that is loaded', async () => {
    const stores = await openStores(loaded('lowdb'), {}, options);
    const record = { engine: 'NOWEB', config: {}, desired: 'running', me: null, createdAt: 1, updatedAt: 1 } as const;
    await stores.sessions.put({ name: 'main', ...record });
    await stores.auth.open('main').commit({ credentials: { value: new Uint8Array([1]), linked: true } });
    await stores.pluginStorage('crm').set('key', 'value');
    expect(await stores.sessions.get('main')).toMatchObject({ name: 'main' });
    expect(await stores.auth.open('main').credentials()).toEqual({ value: new Uint8Array([1]), linked: true });
    expect(await stores.pluginStorage('crm').get('key')).toBe('value');
    expect(await stores.messages.of('main').find('1')).toBeNull();
    await stores.close();
  });

  it('live where they are told to, the others in the first database', () => {
    const databases = loaded('lowdb', 'sqlite');
    const [lowdb, sqlite] = databases.map(({ value }) => value);
    const chosen = chooseDatabases(databases, { auth: 'sqlite', messages: 'sqlite' });
    expect([chosen.sessions, chosen.outbox]).toEqual([lowdb, lowdb]);
    expect(chosen.auth).toBe(sqlite);
    expect(chosen.messages).toBe(sqlite);
  });

  it('refuse places that are no database, all in one error, with a guess and the list', async () => {
    const opening = openStores(loaded('lowdb', 'sqlite'), { auth: 'sqlit', outbox: 'postgres' }, options);
    await expect(opening).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      details: {
        violations: [
          "stores.auth: 'sqlit' is no database; did you mean 'sqlite'? (databases: lowdb, sqlite)",
          "stores.outbox: 'postgres' is no database (databases: lowdb, sqlite)",
        ],
      },
    });
  });

  it('need a database', async () => {
    await expect(openStores([], {}, options)).rejects.toThrow(/no storage plugin is loaded/);
  });
});
