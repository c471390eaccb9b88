import { randomUUID } from 'node:crypto';
import { type Collection, type Database, defineCollection, type RowOf } from '../contracts/storage.ts';
import { storageFailed } from '../errors.ts';

/** A database and the plugin that contributed it. */
export interface NamedDatabase {
  readonly plugin: string;
  readonly value: Database;
}

/**
 * In each database: a row `self` with its own id, and a row for every other database with that one's. So a database that was
 * emptied or replaced while the process was down is noticed, which by itself looks like one at its very first start. A database with a
 * witness of its own is missed without any other.
 */
const schema = defineCollection({
  name: 'store_marks',
  columns: { database: { type: 'text' }, mark: { type: 'text' } },
  key: ['database'],
});

/** No plugin has this name. */
const self = '.self';

interface Marked {
  readonly plugin: string;
  readonly database: Database;
  readonly rows: Collection<RowOf<typeof schema>>;
  /** Null for a database that has none yet. */
  readonly mark: string | null;
}

/** A database and its mark, as it is after the check. */
export interface KnownMark {
  readonly database: Database;
  readonly mark: string;
}

/** How to go on although data are gone. */
const advice = 'put the data back from a backup, or start with --accept-data-loss to go on without them';

/**
 * Finds out whether anything that was there before is gone. Throws `STORAGE_FAILED`, a sentence for each loss, unless `accept`
 * says to go on without it. Resolves with the marks. Databases that keep nothing over a restart (without a `location`) are left out.
 */
export const checkForLoss = async (databases: readonly NamedDatabase[], accept: boolean): Promise<KnownMark[]> => {
  const kept = databases.filter(({ value }) => value.location !== undefined);
  const missing = kept.flatMap(({ value }) => value.missing ?? []);
  const [first] = kept;
  if (first && missing.length > 0 && !accept) throw lost(first.value, missing);
  const marked: Marked[] = [];
  for (const { plugin, value: database } of kept) {
    const rows = await database.open(schema);
    marked.push({ plugin, database, rows, mark: (await rows.get({ database: self }))?.mark ?? null });
  }
  const gone: Marked[] = [];
  for (const one of marked) if (await isOther(one, marked)) gone.push(one);
  const [other] = gone;
  if (other && !accept) throw lost(other.database, gone.map(sentenceOf));
  const marks = await writeMarks(marked);
  return marked.map(({ plugin, database }) => ({ database, mark: marks.get(plugin) ?? '' }));
};

/** Another database, or its own witness, knows a mark of it that it does not have. */
const isOther = async ({ plugin, mark, database }: Marked, all: readonly Marked[]): Promise<boolean> => {
  const witnessed = await database.witness?.read();
  if (witnessed && witnessed !== mark) return true;
  for (const witness of all) {
    if (witness.plugin === plugin) continue;
    const known = await witness.rows.get({ database: plugin });
    if (known && known.mark !== mark) return true;
  }
  return false;
};

const sentenceOf = ({ plugin, database, mark }: Marked): string => {
  const what = mark === null ? 'is empty, but it has held data before' : 'is not the one that was here before';
  return `the database of '${plugin}', ${database.location}, ${what}`;
};

const lost = ({ driver }: Database, sentences: readonly string[]) =>
  storageFailed(driver, `${sentences.join('; ')}: ${advice}`);

/** Its own mark first: a crash in between leaves a database that nobody vouches for, never one that is missed. */
const writeMarks = async (all: readonly Marked[]): Promise<ReadonlyMap<string, string>> => {
  const marks = new Map<string, string>();
  for (const { plugin, rows, mark, database } of all) {
    const own = mark ?? randomUUID();
    marks.set(plugin, own);
    if (mark === null) await rows.put({ database: self, mark: own });
    if ((await database.witness?.read()) !== own) await database.witness?.write(own);
  }
  for (const { plugin, rows } of all) {
    for (const [other, mark] of marks) {
      if (other === plugin || (await rows.get({ database: other }))?.mark === mark) continue;
      await rows.put({ database: other, mark });
    }
  }
  return marks;
};
