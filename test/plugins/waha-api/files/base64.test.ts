import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromBase64 } from '../../../../plugins/waha-api/files/base64.ts';

const broken = (text: string) => text.replace(/(.{76})/g, '$1\r\n');

describe('base64', () => {
  it.each([0, 1, 2, 3, 3 * 1024 * 1024 - 1, 3 * 1024 * 1024, 4_000_001, 7_000_003])(
    '%i bytes and one come back, in either alphabet, with line breaks and without',
    async (length) => {
      const bytes = randomBytes(length + 1);
      const text = bytes.toString('base64');
      for (const form of [text, bytes.toString('base64url'), broken(text), `${text}\n`])
        expect((await fromBase64(form))?.equals(bytes)).toBe(true);
    },
  );

  it.each(['', ' ', '=', '==', 'abc*', 'a=b', 'ä', `${'A'.repeat(5_000_000)}!`])(
    'what is none is told from it (case %#)',
    async (text) => {
      expect(await fromBase64(text)).toBeNull();
    },
  );

  it('of a large file is decoded in turns', async () => {
    let turns = 0;
    const count = (): void => {
      turns += 1;
      if (turns < 1000) timer = setImmediate(count);
    };
    let timer = setImmediate(count);
    await fromBase64('A'.repeat(40 * 1024 * 1024));
    clearImmediate(timer);
    expect(turns).toBeGreaterThanOrEqual(9);
  });
});
