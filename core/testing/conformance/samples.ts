import { defineCollection, type RowOf } from '../../contracts/storage.ts';

/** The collection of every type that the suite works with. */
export const samples = defineCollection({
  name: 'samples',
  columns: {
    group: { type: 'text' },
    id: { type: 'integer' },
    label: { type: 'text', nullable: true },
    size: { type: 'integer', nullable: true },
    weight: { type: 'real', nullable: true },
    data: { type: 'bytes', nullable: true },
    extra: { type: 'json', nullable: true },
  },
  key: ['group', 'id'],
  indexes: [['group', 'size'], ['label']],
});
export type Sample = RowOf<typeof samples>;

/** A row of `samples`: null in every column that is not given. */
export const sample = (given: Partial<Sample> = {}): Sample => ({
  group: 'a',
  id: 1,
  label: null,
  size: null,
  weight: null,
  data: null,
  extra: null,
  ...given,
});
