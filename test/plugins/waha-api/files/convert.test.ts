import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Converter } from '../../../../plugins/waha-api/files/convert.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waha-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program in place of ffmpeg. */
const program = (script: string): string => {
  const path = join(folder, 'program');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
};
const converterOf = (ffmpeg: string, more: object = {}) =>
  new Converter({ ffmpeg, seconds: 100, parallel: 1, waiting: 0, ...more });
const content = Buffer.from('sound');
const never = new AbortController().signal;
/** Says its process id, and stays. */
const stays = () => program(`echo $$ > ${folder}/pid.part && mv ${folder}/pid.part ${folder}/pid && exec sleep 100`);
const started = async (): Promise<number> => {
  await expect.poll(() => existsSync(join(folder, 'pid'))).toBe(true);
  return Number(readFileSync(join(folder, 'pid'), 'utf8'));
};
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('a conversion', () => {
  it('ends with its request: the program is killed, and the next one has its turn', async () => {
    const converter = converterOf(stays());
    const gone = new AbortController();
    const converting = converter.convert({ session: 'a', content, kind: 'voice' }, gone.signal, async () => 'done');
    converting.catch(() => undefined);
    const pid = await started();
    const other = converter.convert({ session: 'a', content, kind: 'voice' }, never, async () => 'done');
    await expect(other).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    gone.abort();
    await expect(converting).rejects.toMatchObject({ code: 'UNPROCESSABLE', message: 'the request was given up' });
    await expect.poll(() => isAlive(pid)).toBe(false);
    program('for out; do :; done; printf converted > "$out"');
    const read = ({ path }: { path: string }) => Promise.resolve(readFileSync(path, 'utf8'));
    expect(await converter.convert({ session: 'a', content, kind: 'voice' }, never, read)).toBe('converted');
  });

  it('that takes too long is killed', async () => {
    const converting = converterOf(stays(), { seconds: 1 }).convert(
      { session: 'a', content, kind: 'video' },
      never,
      async () => 'done',
    );
    const message = 'the file could not be converted: it took more than 1 s';
    await expect(converting).rejects.toMatchObject({ code: 'UNPROCESSABLE', message });
  });

  it('waits for its turn', async () => {
    const converter = converterOf(program('for out; do :; done; printf x > "$out"'), { waiting: 5 });
    const all = Array.from({ length: 6 }, () =>
      converter.convert({ session: 'a', content, kind: 'voice' }, never, async ({ size }) => size),
    );
    expect(await Promise.all(all)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('without the program says so', async () => {
    const converting = converterOf(join(folder, 'none')).convert(
      { session: 'a', content, kind: 'voice' },
      never,
      async () => 'done',
    );
    const message = 'this server has no ffmpeg to convert with; send the file with convert: false';
    await expect(converting).rejects.toMatchObject({ code: 'UNPROCESSABLE', message });
  });

  it('names no place of this machine when it fails', async () => {
    const converting = converterOf(program('echo "file:/tmp/waha-convert-abc/in: Invalid data" >&2; exit 1'));
    const message = 'the file could not be converted: the file: Invalid data';
    await expect(
      converting.convert({ session: 'a', content, kind: 'voice' }, never, async () => 'done'),
    ).rejects.toMatchObject({ message });
  });
});
