import { describe, expect, it } from 'vitest';
import { DiskSync } from '../../../plugins/sqlite/disk-sync.ts';

/** A disk whose syncs take so long. */
class Disk {
  milliseconds = 0;
  fails = false;
  here = 0;
  beside = 0;
  #now = 0;

  readonly sync = new DiskSync({
    now: () => this.#now,
    here: () => {
      this.here += 1;
      this.#now += this.milliseconds;
      if (this.fails) throw new Error('EIO');
    },
    beside: (_, ended) => {
      this.beside += 1;
      ended(this.fails ? new Error('EIO') : null);
    },
  });

  async many(count: number): Promise<void> {
    for (let times = 0; times < count; times++) await this.sync.sync(1);
  }
}

describe('a sync of the disk', () => {
  it('is waited for while the disk is fast', async () => {
    const disk = new Disk();
    disk.milliseconds = 0.3;
    await disk.many(500);
    expect([disk.here, disk.beside]).toEqual([500, 0]);
  });

  it('is made beside the thread while the disk is slow, and tried again now and then', async () => {
    const disk = new Disk();
    disk.milliseconds = 8;
    await disk.many(1 + 50 + 1 + 20);
    expect([disk.here, disk.beside]).toEqual([2, 70]);
    disk.milliseconds = 0.3;
    await disk.many(30 + 100);
    expect([disk.here, disk.beside]).toEqual([102, 100]);
  });

  it('that fails is told of, whichever way it was made', async () => {
    const disk = new Disk();
    disk.fails = true;
    await expect(disk.sync.sync(1)).rejects.toThrow('EIO');
    disk.milliseconds = 8;
    disk.fails = false;
    await disk.sync.sync(1);
    disk.fails = true;
    await expect(disk.sync.sync(1)).rejects.toThrow('EIO');
    expect(disk.beside).toBe(1);
  });
});
