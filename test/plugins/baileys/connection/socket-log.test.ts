import { describe, expect, it } from 'vitest';
import { safeFields } from '../../../../plugins/baileys/connection/socket-log.ts';

describe('raw data', () => {
  it('comes into the log by a list of what is safe', () => {
    expect(safeFields({ msgId: 'A1', node: { secret: 1 }, creds: 'x', err: new Error('lost') })).toEqual({
      by: 'baileys',
      msgId: 'A1',
      err: 'lost',
    });
  });
});
