import { describe, expect, it } from 'vitest';
import { torture } from '../torture/torture.ts';

describe('a process that is killed while messages come and its consumer is unwell', () => {
  it('delivers each of them, recognisable when it comes twice, in an order that can be restored', {
    timeout: 480_000,
  }, async () => {
    const report = await torture({ messages: 150, kills: 4 });
    expect(report).toMatchObject({
      sent: 150,
      lost: [],
      doubled: [],
      changed: [],
      sharedSeqs: [],
      missingSeqs: [],
    });
  });
});
