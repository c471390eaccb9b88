import { describe, expect, it } from 'vitest';
import { compile } from '../../../core/config/validate.ts';
import { Type } from '../../../core/index.ts';

let looked = 0;
/** Counts how often an item is looked at: a getter that the copy of the check turns into a value. */
const counted = (count: number) =>
  Array.from({ length: count }, () => ({
    get name() {
      looked += 1;
      return 0;
    },
  }));
const Contacts = Type.Object({ contacts: Type.Array(Type.Object({ name: Type.String() }), { maxItems: 250 }) });

describe('the check of a value', () => {
  it('names every fault of a small one', () => {
    const checked = compile(Contacts)({ contacts: counted(3) });
    expect(checked.ok ? [] : checked.violations.map(({ message }) => message)).toEqual([
      'contacts.0.name must be string',
      'contacts.1.name must be string',
      'contacts.2.name must be string',
    ]);
  });

  it('names fifty faults and no more', () => {
    const checked = compile(Contacts)({ contacts: counted(240) });
    expect(checked.ok ? [] : checked.violations).toHaveLength(50);
  });

  it.each([20_000, 200_000])('tells of %i items that they are too many, and looks at none more than once', (count) => {
    looked = 0;
    const checked = compile(Contacts)({ contacts: counted(count) });
    expect(checked).toEqual({
      ok: false,
      violations: [{ path: ['contacts'], message: 'contacts must NOT have more than 250 items' }],
    });
    expect(looked).toBe(count);
  });

  it('counts the characters of a text that may be too long, and never those of one that is', () => {
    const check = compile(Type.Object({ name: Type.String({ minLength: 2, maxLength: 3 }) }));
    const told = (name: string) => {
      const checked = check({ name });
      return checked.ok ? [] : checked.violations.map(({ message }) => message);
    };
    expect(['🙂🙂', '🙂🙂🙂', 'ab', 'abc'].flatMap(told)).toEqual([]);
    expect(['🙂', 'a', ''].map(told)).toEqual(Array(3).fill(['name must NOT have fewer than 2 characters']));
    expect(['🙂🙂🙂🙂', 'abcd', 'x'.repeat(50_000_000)].map(told)).toEqual(
      Array(3).fill(['name must NOT have more than 3 characters']),
    );
  });

  it('of a file in a text does not walk through it', { retry: 2 }, () => {
    const check = compile(Type.Object({ data: Type.String({ minLength: 1 }) }));
    const value = { data: 'A'.repeat(50_000_000) };
    check(value);
    const began = process.cpuUsage();
    for (let times = 0; times < 10; times++) expect(check(value).ok).toBe(true);
    // A few microseconds each; a second with a walk.
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(300);
  });

  it('of a field of a form that stands for a long list stops at the first fault', () => {
    const check = compile(Type.Object({ mentions: Type.Array(Type.String()) }), { coerce: true });
    const checked = check({ mentions: JSON.stringify(Array.from({ length: 9_000 }, () => ({}))) });
    expect(checked).toEqual({
      ok: false,
      violations: [{ path: ['mentions', '0'], message: 'mentions.0 must be string' }],
    });
  });

  it('of a huge list without a limit stops at the first fault', () => {
    const check = compile(Type.Object({ mentions: Type.Array(Type.String()) }));
    const checked = check({ mentions: Array.from({ length: 200_000 }, () => 0) });
    expect(checked).toMatchObject({ ok: false, violations: [{ message: 'mentions.0 must be string' }] });
  });
});
