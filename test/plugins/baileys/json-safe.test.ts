import { proto } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import { jsonSafe } from '../../../plugins/baileys/json-safe.ts';

describe('raw data', () => {
  it('becomes JSON', () => {
    const message = proto.Message.fromObject({ imageMessage: { mediaKey: Buffer.from([1, 2]), fileLength: 5 } });
    expect(JSON.parse(JSON.stringify(jsonSafe({ message, at: 1n, f: () => 1, list: [undefined], none: [] })))).toEqual({
      message: { imageMessage: { mediaKey: 'AQI=', fileLength: 5 } },
      at: '1',
      list: [null],
    });
  });

  it('may have any names, those that JavaScript means something by, too', () => {
    const value = JSON.parse('{"__proto__":{"a":1},"constructor":2,"none":[]}');
    const copy = jsonSafe(value) as object;
    expect(JSON.stringify(copy)).toBe('{"__proto__":{"a":1},"constructor":2}');
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  });
});
