import { isRuntimeError } from 'waha-runtime';
import type { ClusterTables } from './tables.ts';

/** Upkeep, each kind of which one process at a time does: who has it is a row, which who comes next takes when that one is gone. */
export class Tasks {
  readonly #tables: ClusterTables;

  constructor(tables: ClusterTables) {
    this.#tables = tables;
  }

  /** Whether this task is that of `node`, or falls to it now. `isAlive`: of the process that has it. */
  async does(name: string, node: string, isAlive: (owner: string) => boolean): Promise<boolean> {
    const { database, tasks } = this.#tables;
    const row = await tasks.get({ name });
    if (row?.owner === node) return true;
    if (row && isAlive(row.owner)) return false;
    const claim = row
      ? [tasks.requiring({ ...row }), tasks.putting({ name, owner: node, epoch: row.epoch + 1 })]
      : [tasks.adding({ name, owner: node, epoch: 1 })];
    try {
      await database.batch(claim);
      return true;
    } catch (error) {
      if (isRuntimeError(error, 'NOT_HELD')) return false;
      throw error;
    }
  }
}
