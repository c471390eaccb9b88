import { describe, expect, it } from 'vitest';
import { CollectionFormat } from '../../../core/storage.ts';
import { select } from '../../../plugins/sqlite/sql.ts';
import { textOf } from '../../../plugins/sqlite/stored-text.ts';

describe('stored text', () => {
  it.each([
    ['bytes of text', Buffer.from('Zürich \0 end'), 'Zürich \0 end'],
    ['no bytes', new Uint8Array(), ''],
    ['a number', 7, 7],
    ['nothing', null, null],
  ])('is read from %s as it was written', (_, stored, read) => {
    expect(textOf(stored)).toBe(read);
  });

  it.each(['ff', '419e42', 'c3', 'eda080'])('is damaged where the bytes are no text: %s', (bytes) => {
    expect(() => textOf(Buffer.from(bytes, 'hex'))).toThrow(
      expect.objectContaining({ code: 'SQLITE_CORRUPT', message: expect.stringContaining('damaged') }),
    );
  });

  it('and JSON are selected as bytes, and nothing else is', () => {
    const format = new CollectionFormat('sqlite', {
      name: 'things',
      columns: {
        id: { type: 'text' },
        data: { type: 'json' },
        raw: { type: 'bytes' },
        at: { type: 'integer' },
        share: { type: 'real' },
      },
      key: ['id'],
    });
    const { text, texts } = select(format, { tests: [], order: [], limit: null, offset: 0 });
    expect(texts.map((place) => format.columns[place])).toEqual(['id', 'data']);
    expect([...text.matchAll(/CAST\("(\w+)" AS BLOB\)/g)].map(([, name]) => name)).toEqual(['id', 'data']);
  });
});
