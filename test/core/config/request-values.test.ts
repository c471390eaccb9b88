import { describe, expect, it } from 'vitest';
import { compile } from '../../../core/config/validate.ts';
import { type TSchema, Type } from '../../../core/index.ts';

const checked = (schema: TSchema, value: unknown, options: Parameters<typeof compile>[1] = {}) => {
  const result = compile(schema, { unknown: 'ignore', ...options })(value);
  return result.ok ? result.value : result.violations.map(({ message }) => message);
};
const inQuery = (schema: TSchema, value: unknown) => checked(schema, value, { coerce: true });
const maybeText = Type.Optional(Type.Union([Type.String(), Type.Null()]));

describe('null in a request', () => {
  it('is the same as nothing in an optional field, at every depth', () => {
    const hmac = Type.Optional(Type.Object({ key: Type.Optional(Type.String()) }));
    const schema = Type.Object({ hooks: Type.Array(Type.Object({ hmac })), start: Type.Optional(Type.Boolean()) });
    expect(checked(schema, { start: null, hooks: [{ hmac: null }, { hmac: { key: null } }] })).toEqual({
      hooks: [{}, { hmac: {} }],
    });
  });

  it('leaves room for the default', () => {
    const schema = Type.Object({ merge: Type.Optional(Type.Boolean({ default: true })) });
    expect(checked(schema, { merge: null })).toEqual({ merge: true });
  });

  it('stays where the schema has it, and where it has nothing to say', () => {
    const schema = Type.Object({ text: maybeText, more: Type.Optional(Type.Unknown()) });
    const value = { text: null, more: { deep: null }, stranger: null };
    expect(checked(schema, value)).toEqual(value);
  });

  it('in a field of one branch of a choice is as if that branch had nothing', () => {
    const file = Type.Union([Type.Object({ url: Type.String() }), Type.Object({ data: Type.String() }), Type.Null()]);
    const schema = Type.Object({ file: Type.Optional(file) });
    expect(checked(schema, { file: { url: 'x', data: null } })).toEqual({ file: { url: 'x' } });
    expect(checked(schema, { file: null })).toEqual({ file: null });
  });

  it('in a dictionary takes the entry away', () => {
    const schema = Type.Object({ metadata: Type.Record(Type.String(), Type.String()) });
    expect(checked(schema, { metadata: { a: 'b', c: null } })).toEqual({ metadata: { a: 'b' } });
  });

  it('does not do for a required field, nor for an entry of a list', () => {
    const schema = Type.Object({ chatId: Type.String(), ids: Type.Array(Type.String()) });
    expect(checked(schema, { chatId: null, ids: [null] })).toEqual(['chatId is required', 'ids.0 must be string']);
  });

  it('is a fault in a config', () => {
    const schema = Type.Object({ port: Type.Optional(Type.Integer()) });
    expect(checked(schema, { port: null }, { unknown: 'reject' })).toEqual(['port must be integer']);
  });
});

describe('a text in a query or a form', () => {
  const flag = Type.Object({ all: Type.Optional(Type.Boolean()) });

  it.each(['true', 'True', 'TRUE', '1', 'yes', 'on'])("'%s' is true", (all) => {
    expect(inQuery(flag, { all })).toEqual({ all: true });
  });

  it.each(['false', 'False', '0', 'no', 'off'])("'%s' is false", (all) => {
    expect(inQuery(flag, { all })).toEqual({ all: false });
  });

  it('that is no switch is refused', () => {
    expect(inQuery(flag, { all: 'maybe' })).toEqual(['all must be boolean']);
  });

  it('stays a text where texts are taken', () => {
    const schema = Type.Object({ text: Type.String(), either: Type.Union([Type.String(), Type.Boolean()]) });
    const value = { text: 'true', either: '1' };
    expect(inQuery(schema, value)).toEqual(value);
  });

  it('without a character is nothing where no text is taken', () => {
    const schema = Type.Object({
      limit: Type.Optional(Type.Integer({ default: 10 })),
      order: Type.Optional(Type.Enum(['asc', 'desc'], { type: 'string' })),
      text: maybeText,
    });
    expect(inQuery(schema, { limit: '', order: '', text: '' })).toEqual({ limit: 10, text: '' });
    // As JavaScript writes them into an address.
    expect(inQuery(schema, { limit: 'undefined', text: 'null' })).toEqual({ limit: 10, text: 'null' });
    expect(inQuery(schema, { limit: 'null' })).toEqual({ limit: 10 });
  });

  it('is read as JSON where an object or a list is wanted', () => {
    const file = Type.Object({ url: Type.String(), mimetype: Type.Optional(Type.String()) });
    const schema = Type.Object({ file, options: Type.Array(Type.String()) });
    expect(inQuery(schema, { file: '{"url":"x","mimetype":null}', options: '["a","b"]' })).toEqual({
      file: { url: 'x' },
      options: ['a', 'b'],
    });
    expect(inQuery(schema, { file: '{', options: 'a' })).toEqual(['file must be object']);
  });

  it('stays what it is in a JSON body', () => {
    expect(checked(flag, { all: 'True' })).toEqual(['all must be boolean']);
  });
});

describe('a number', () => {
  const schema = Type.Object({ at: Type.Optional(Type.Integer()), far: Type.Optional(Type.Number()) });

  it.each(['9007199254740992', '1e21', '1e400', '-9007199254740993', '0.5'])(
    '%s is no whole number that is safe',
    (at) => {
      expect(inQuery(schema, { at })).toEqual([expect.stringMatching(/^at must be /)]);
    },
  );

  it.each(['1e400', '-1e400', 'Infinity', 'NaN'])('%s is not finite', (far) => {
    expect(inQuery(schema, { far })).toEqual([expect.stringMatching(/^far must be /)]);
  });

  const plain = [
    '0x10',
    '0b11',
    '0o7',
    '1e3',
    '1E3',
    ' 16',
    '16 ',
    '+16',
    '1_000',
    '1,5',
    '.5',
    '5.',
    '१६',
    '--1',
    '0x',
  ];
  it.each(plain)('in a query is a plain decimal one, not %j', (text) => {
    for (const field of ['at', 'far']) {
      expect(inQuery(schema, { [field]: text })).toEqual([expect.stringMatching(new RegExp(`^${field} must be `))]);
    }
    const list = Type.Object({ all: Type.Array(Type.Integer()) });
    expect(inQuery(list, { all: ['1', text] })).toEqual([expect.stringMatching(/^all.1 must be integer/)]);
  });

  it.each([
    ['16', 16],
    ['-3', -3],
    ['016', 16],
    ['16.0', 16],
  ])('in a query may be %j', (at, number) => {
    expect(inQuery(schema, { at, far: at })).toEqual({ at: number, far: number });
    const list = Type.Object({ all: Type.Array(Type.Integer()) });
    expect(inQuery(list, { all: [at, '1'] })).toEqual({ all: [number, 1] });
  });

  it('keeps the limits of its schema', () => {
    const bounded = Type.Object({ at: Type.Integer({ minimum: 1, maximum: 3 }) });
    expect(checked(bounded, { at: 4 })).toEqual(['at must be <= 3']);
    expect(checked(bounded, { at: 3 })).toEqual({ at: 3 });
  });
});
