import { beforeEach, describe, expect, it } from 'vitest';
import type { Collection, Database, Query, Where } from '../../contracts/storage.ts';
import { type Sample, sample, samples } from './samples.ts';

/** What conditions, order and bounds mean. */
export const describeQueries = (database: () => Database): void => {
  describe('queries', () => {
    let rows: Collection<Sample>;
    const ids = async (query: Query<Sample>): Promise<number[]> => (await rows.find(query)).map(({ id }) => id);
    const matching = async (where: Where<Sample>): Promise<number[]> => (await ids({ where })).sort((a, b) => a - b);

    beforeEach(async () => {
      rows = await database().open(samples);
      await database().batch([
        rows.putting(sample({ id: 1, label: 'ant', size: 10, weight: 0.5, data: new Uint8Array([1]) })),
        rows.putting(sample({ id: 2, label: 'bee', size: 20, weight: 1.5, data: new Uint8Array([1, 0]) })),
        rows.putting(sample({ id: 3, label: null, size: null, weight: null, data: null })),
        rows.putting(sample({ id: 4, label: 'Bee', size: 20, weight: -1, data: new Uint8Array([255]) })),
        rows.putting(sample({ id: 5, label: '', size: 0, weight: 0, extra: {} })),
      ]);
    });

    const conditions: [string, Where<Sample>, number[]][] = [
      ['nothing', {}, [1, 2, 3, 4, 5]],
      ['a value', { label: 'bee' }, [2]],
      ['a number', { size: 20 }, [2, 4]],
      ['bytes', { data: new Uint8Array([1, 0]) }, [2]],
      ['null', { size: null }, [3]],
      ['the whole key', { group: 'a', id: 4 }, [4]],
      ['no such key', { group: 'b', id: 4 }, []],
      ['in', { label: { in: ['ant', 'bee', 'cow'] } }, [1, 2]],
      ['in of one', { size: { in: [20] } }, [2, 4]],
      ['in of none', { label: { in: [] } }, []],
      ['in of a value and null', { size: { in: [10, null] } }, [1, 3]],
      ['in of key columns', { group: { in: ['a', 'b'] }, id: { in: [1, 5, 5, 9] } }, [1, 5]],
      ['in of bytes', { data: { in: [new Uint8Array([1])] } }, [1]],
      ['gt', { size: { gt: 10 } }, [2, 4]],
      ['gte and lt', { size: { gte: 0, lt: 20 } }, [1, 5]],
      ['lte', { weight: { lte: 0 } }, [4, 5]],
      ['gt of text', { label: { gt: 'Bee' } }, [1, 2]],
      ['gt of bytes', { data: { gt: new Uint8Array([1]) } }, [2, 4]],
      ['not', { size: { not: 20 } }, [1, 3, 5]],
      ['not null', { size: { not: null } }, [1, 2, 4, 5]],
      ['not null json', { extra: { not: null } }, [5]],
      ['not within a range', { size: { gte: 0, not: 10 } }, [2, 4, 5]],
      ['several columns', { size: 20, label: { not: 'bee' } }, [4]],
    ];
    it.each(conditions)('match %s', async (_, where, expected) => {
      expect(await matching(where)).toEqual(expected);
      expect(await rows.count(where)).toBe(expected.length);
    });

    it.each(conditions)('remove what matches %s and count it', async (_, where, expected) => {
      expect(await rows.remove(where)).toBe(expected.length);
      expect(await matching({})).toEqual([1, 2, 3, 4, 5].filter((id) => !expected.includes(id)));
    });

    it('tell the texts of a column in their order, a page at a time, where they can without reading rows', async () => {
      if (!rows.texts) return;
      expect(await rows.texts('label', '', 2)).toEqual(['Bee', 'ant']);
      expect(await rows.texts('label', 'ant', 2)).toEqual(['bee']);
      expect(await rows.texts('label', 'bee', 2)).toEqual([]);
    });

    it('order with nulls first, descending with nulls last', async () => {
      expect(await ids({ orderBy: [{ column: 'weight' }] })).toEqual([3, 4, 5, 1, 2]);
      expect(await ids({ orderBy: [{ column: 'weight', descending: true }] })).toEqual([2, 1, 5, 4, 3]);
    });

    it('order by several columns, each in its direction', async () => {
      const orderBy = [{ column: 'size', descending: true }, { column: 'id' }] as const;
      expect(await ids({ orderBy })).toEqual([2, 4, 1, 5, 3]);
    });

    it('order text by code point', async () => {
      const labels = ['Z', 'a', 'é', '\uffee', '\u{1f680}'];
      for (const [id, label] of [...labels].reverse().entries()) await rows.put(sample({ group: 'text', id, label }));
      const found = await rows.find({ where: { group: 'text' }, orderBy: [{ column: 'label' }] });
      expect(found.map(({ label }) => label)).toEqual(labels);
    });

    it('order bytes by byte, the shorter first', async () => {
      const where = { data: { not: null } };
      expect(await ids({ where, orderBy: [{ column: 'data' }] })).toEqual([1, 2, 4]);
    });

    it('stop at a limit and start at an offset', async () => {
      const orderBy = [{ column: 'id' }] as const;
      expect(await ids({ orderBy, limit: 2 })).toEqual([1, 2]);
      expect(await ids({ orderBy, limit: 2, offset: 3 })).toEqual([4, 5]);
      expect(await ids({ orderBy, offset: 4 })).toEqual([5]);
      expect(await ids({ orderBy, offset: 9 })).toEqual([]);
      expect(await ids({ limit: 0 })).toEqual([]);
    });

    it('take a thousand values in one condition', async () => {
      const many = Array.from({ length: 1000 }, (_, index) => index + 3);
      expect(await matching({ id: { in: many } })).toEqual([3, 4, 5]);
    });
  });
};
