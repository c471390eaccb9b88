import { type Database, defineCollection } from 'waha-runtime';
import type { SandboxState } from './journal.ts';

const schema = defineCollection({
  name: 'sandbox_state',
  columns: { kind: { type: 'text' }, id: { type: 'text' }, value: { type: 'text' } },
  key: ['kind', 'id'],
});

/** Keeps the state of a sandbox in a database of the deployment. */
export async function storedState(database: Database): Promise<SandboxState> {
  const rows = await database.open(schema);
  return {
    load: () => rows.find(),
    save: (changes) =>
      database.batch(
        changes.map(({ kind, id, value }) =>
          value === null ? rows.removing({ kind, id }) : rows.putting({ kind, id, value }),
        ),
      ),
  };
}
