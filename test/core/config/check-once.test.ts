import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkOnce, fits } from '../../../core/config/check-once.ts';
import { loadConfig } from '../../../core/config/load.ts';
import { RuntimeConfig } from '../../../core/config/schema.ts';
import { compile } from '../../../core/config/validate.ts';
import { type TObject, type TSchema, Type } from '../../../core/contracts/schema.ts';
import { builtins } from '../../../plugins/index.ts';
import { root } from '../../support/built-package.ts';
import { propertyRuns } from '../../support/property-runs.ts';

const keys = ['a', 'b', 'aB', 'b-1'];
const texts = ['', 'a', 'ab', 'abc', '😀', '😀😀', 'Z9'];
const numbers = [-1, 0, 1, 1.5, 2, 10];

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 1 });
const given = (keywords: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(keywords).filter(([, operand]) => operand !== undefined));

const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<unknown>(...texts, ...numbers, true, false, null, undefined),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...keys), tie('value'), { maxKeys: 3 }),
  ),
})).value;

const bounds = fc.integer({ min: 0, max: 3 });
const textSchema = fc
  .record({
    minLength: maybe(bounds),
    maxLength: maybe(bounds),
    pattern: maybe(fc.constantFrom('^[a-z]*$', '^.{1,2}$', '\\p{L}')),
    default: maybe(fc.constantFrom(...texts)),
    format: maybe(fc.constantFrom('uri')),
  })
  .map((keywords) => Type.String(given(keywords)));
const numberSchema = fc
  .record({
    minimum: maybe(bounds),
    maximum: maybe(bounds),
    exclusiveMinimum: maybe(bounds),
    exclusiveMaximum: maybe(bounds),
    multipleOf: maybe(fc.constantFrom(2)),
    default: maybe(fc.constantFrom(0, 1, 5)),
  })
  .chain((keywords) => fc.constantFrom(Type.Number(given(keywords)), Type.Integer(given(keywords))));

const { schema } = fc.letrec<{ schema: TSchema; object: TObject }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small' },
    textSchema,
    numberSchema,
    fc.constantFrom<TSchema>(Type.Boolean(), Type.Null(), Type.Unknown(), Type.Literal('a'), Type.Literal(1)),
    fc.constantFrom<TSchema>(Type.Enum(['a', 1]), Type.Unsafe({ type: ['string', 'null'] }), Type.Unsafe({ not: {} })),
    fc
      .tuple(tie('schema'), maybe(bounds), maybe(bounds), maybe(fc.constant(true)))
      .map(([of, minItems, maxItems, uniqueItems]) => Type.Array(of, given({ minItems, maxItems, uniqueItems }))),
    fc.array(tie('schema'), { minLength: 1, maxLength: 2 }).map((of) => Type.Tuple(of)),
    fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((of) => Type.Union(of)),
    fc.array(tie('schema'), { minLength: 1, maxLength: 2 }).map((allOf) => Type.Unsafe({ allOf })),
    fc
      .tuple(tie('schema'), fc.constantFrom(undefined, { pattern: '^a' }))
      .map(([of, key]) => Type.Record(Type.String(key), of)),
    tie('object'),
  ) as fc.Arbitrary<TSchema>,
  object: fc
    .tuple(
      fc.dictionary(fc.constantFrom(...keys), fc.tuple(tie('schema'), fc.boolean()), {
        maxKeys: 3,
        noNullPrototype: true,
      }),
      fc.constantFrom(undefined, true, false, Type.String()),
      fc.constantFrom(undefined, {}, { a: 'ab' }),
      fc.constantFrom(undefined, { '^a': Type.String() }),
    )
    .map(([properties, additionalProperties, initial, patternProperties]) => {
      const entries = Object.entries(properties).map(([key, [of, optional]]) => [
        key,
        optional ? Type.Optional(of) : of,
      ]);
      return Type.Object(
        Object.fromEntries(entries),
        given({ additionalProperties, patternProperties, default: initial }),
      );
    }) as fc.Arbitrary<TObject>,
}));

/** What ajv says; null when it cannot read the schema. */
const byAjv = (of: TSchema, value: unknown): unknown => {
  try {
    return compile(of, { unknown: 'reject' })(value);
  } catch {
    return null;
  }
};

const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(root, folder, name));

describe('a value that is checked once', () => {
  it('is never accepted or filled in otherwise than by ajv', () => {
    let accepted = 0;
    const property = fc.property(schema, value, (of, value) => {
      const copy: unknown = structuredClone(value);
      if (!fits(of, copy)) return;
      accepted += 1;
      expect({ ok: true, value: copy }).toEqual(byAjv(of, value));
    });
    fc.assert(property, propertyRuns(6_000));
    expect(accepted).toBeGreaterThan(200);
  });

  it('gets defaults of its own, and none from a branch of a union', () => {
    const initial = { list: [] as string[] };
    const of = Type.Object({
      set: Type.Object({ list: Type.Array(Type.String()) }, { default: initial }),
      either: Type.Union([Type.Object({ a: Type.Optional(Type.Integer({ default: 1 })) }), Type.Null()]),
    });
    const checked = checkOnce(of, { either: {} });
    expect(checked).toEqual({ ok: true, value: { set: { list: [] }, either: {} } });
    expect(checked).toEqual(compile(of, { unknown: 'reject' })({ either: {} }));
    if (checked.ok) checked.value.set.list.push('x');
    expect(initial.list).toEqual([]);
  });

  it('is told its faults in the words of ajv', () => {
    const of = Type.Object({ port: Type.Integer({ maximum: 65_535 }), name: Type.String({ minLength: 1 }) });
    const wrong = { port: 70_000, nmae: 'x' };
    expect(checkOnce(of, wrong)).toEqual(compile(of, { unknown: 'reject' })(wrong));
    expect(checkOnce(of, wrong)).toMatchObject({ ok: false });
    expect(wrong).toEqual({ port: 70_000, nmae: 'x' });
  });

  it.each([...filesIn('.'), ...filesIn('configs')])('needs no ajv in %s', (file) => {
    const { value } = loadConfig(file, { env: { WAHA_API_KEY: 'key' } });
    expect(fits(RuntimeConfig, structuredClone(value))).toBe(true);
  });

  it.each(Object.keys(builtins))('needs no ajv for the defaults of %s', async (name) => {
    const { config } = (await builtins[name as keyof typeof builtins]()).default;
    const required = { token: 'x', servers: ['nats://127.0.0.1'], stream: 'x', url: 'postgres://localhost/x' };
    const wanted = Object.entries(required).filter(([key]) =>
      (config?.required as readonly string[] | undefined)?.includes(key),
    );
    expect(fits(config ?? Type.Object({}), Object.fromEntries(wanted))).toBe(true);
  });
});
