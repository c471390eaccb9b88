import type { Change, Countable, Where } from '../../contracts/storage.ts';

type Row = Readonly<Record<string, unknown>>;

/** The part of a `Collection` that makes steps of a batch: the same for every driver. */
export class Steps<R> {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  putting(row: Countable<R>): Change {
    return { collection: this.name, put: row as Row };
  }

  removing(where: Where<R>): Change {
    return { collection: this.name, remove: where as Row };
  }

  requiring(where: Where<R>): Change {
    return { collection: this.name, require: where as Row };
  }

  adding(row: Countable<R>): Change {
    return { collection: this.name, add: row as Row };
  }

  counting(key: Partial<R>, column: keyof R & string, by: number, given?: (base: number) => void): Change {
    return { collection: this.name, count: { key: key as Row, column, by, ...(given ? { given } : {}) } };
  }
}
