import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { describeFileStorage } from '../../../core/testing/conformance/index.ts';
import { FolderStorage } from '../../../plugins/files/folder-storage.ts';

const folders: string[] = [];
const openOne = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'waha-files-'));
  folders.push(folder);
  const storage = new FolderStorage(join(folder, 'files'));
  await storage.open();
  return { storage, folder };
};
const removeAll = () => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
};

describeFileStorage('folder', { open: async () => (await openOne()).storage, afterEach: removeAll });

describe('files in a folder', () => {
  afterEach(removeAll);
  const never = new AbortController().signal;
  const labels = { mimetype: 'text/plain', filename: null };
  async function* some() {
    yield Buffer.from('bytes');
  }

  it('leave no folder of a session behind, and find one while others are removed', async () => {
    const { storage, folder } = await openOne();
    const names = Array.from({ length: 40 }, (_, index) => `${index}.txt`);
    const keys = names.map((name) => ({ session: 'shop', name }));
    await Promise.all(
      keys.map((key) => storage.put(key, some(), labels, new AbortController().signal).then(() => storage.remove(key))),
    );
    expect(readdirSync(join(folder, 'files'))).toEqual(['.partial']);
  });

  it.each([
    ['..', 'x'],
    ['default', '../x'],
    ['default', '..'],
    ['default', '.hidden'],
    ['default', 'a/b'],
    ['default', 'a\\b'],
    ['default', 'a\0b'],
    ['default', ''],
    ['de/fault', 'x'],
    ['/etc', 'passwd'],
  ])('never leave it: %j %j is nobody’s name', async (session, name) => {
    const { storage, folder } = await openOne();
    const key = { session, name };
    writeFileSync(join(folder, 'x'), 'outside');
    await expect(storage.put(key, some(), labels, never)).rejects.toThrow('this is no name of a file');
    await expect(storage.read(key)).rejects.toThrow();
    await expect(storage.stat(key)).rejects.toThrow();
    await expect(storage.remove(key)).rejects.toThrow();
    expect(readdirSync(folder).sort()).toEqual(['files', 'x']);
  });

  it('are for the owner alone, wherever the folder is', async () => {
    const { storage, folder } = await openOne();
    await storage.put({ session: 'ana', name: 'a.txt' }, some(), labels, never);
    const modes = ['files', 'files/.partial', 'files/ana', 'files/ana/a.txt'].map(
      (path) => statSync(join(folder, path)).mode,
    );
    expect(modes.map((mode) => (mode & 0o777).toString(8))).toEqual(['700', '700', '700', '600']);
  });

  it('that a crash left half written are gone at the next start, and nothing strange is listed', async () => {
    const { storage, folder } = await openOne();
    await storage.put({ session: 'default', name: 'whole' }, some(), labels, never);
    writeFileSync(join(folder, 'files', '.partial', 'half'), 'ha');
    writeFileSync(join(folder, 'files', 'README'), 'of somebody else');
    mkdirSync(join(folder, 'files', 'default', 'folder'));
    const again = new FolderStorage(join(folder, 'files'));
    await again.open();
    expect(readdirSync(join(folder, 'files', '.partial'))).toEqual([]);
    const names: string[] = [];
    for await (const { name } of again.list()) names.push(name);
    expect(names).toEqual(['whole']);
  });
});
