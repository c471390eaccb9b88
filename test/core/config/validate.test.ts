import { describe, expect, it } from 'vitest';
import { compile } from '../../../core/config/validate.ts';
import { Type } from '../../../core/contracts/schema.ts';
import { SessionConfig } from '../../../core/contracts/session-config.ts';

describe("the metadata of a session's config", () => {
  const check = compile(SessionConfig);
  const faults = (metadata: object) => {
    const checked = check({ metadata });
    return checked.ok ? [] : checked.violations.map(({ message }) => message);
  };

  it('takes any name that can be printed, and text', () => {
    expect(faults({ 'customer id': 'x', '': '', 'größe.m²': 'a\nb', __name__: '1' })).toEqual([]);
  });

  it.each(['a\nb', '\u0000', 'a\u0085b', '\u001b[31m', '\r'])('refuses the key %j, and shows it escaped', (key) => {
    const [fault = ''] = faults({ [key]: 'x' });
    expect(fault).toBe(`metadata: the key ${JSON.stringify(key)} must be free of control characters`);
  });

  it('refuses a key of more than 200 characters', () => {
    expect(faults({ ['k'.repeat(201)]: 'x' })).toEqual([expect.stringContaining('must NOT have more than 200')]);
  });

  it.each(['name', 'a\u2028b', 'a\nb'])('refuses a value that is no text under the key %j', (key) => {
    const said = faults({ [key]: { nested: [1] } });
    expect(said.at(-1)).toMatch(/must be string$/);
    expect(said.join()).not.toContain('\n');
  });
});

describe('checks of equal schemas', () => {
  const schema = (most: number) => Type.Object({ size: Type.Integer({ maximum: most, default: 1 }) });

  it('stay apart by their options and by what the schemas say', () => {
    const strict = compile(schema(5), { unknown: 'reject' });
    const coercing = compile(schema(5), { coerce: true });
    const plain = compile(schema(5));
    const larger = compile(schema(50));
    expect(coercing({ size: '3' })).toEqual({ ok: true, value: { size: 3 } });
    expect(plain({ size: '3' }).ok).toBe(false);
    expect([plain({ size: 6 }).ok, larger({ size: 6 }).ok]).toEqual([false, true]);
    expect([strict({ more: 1 }).ok, plain({ more: 1 }).ok]).toEqual([false, true]);
  });

  it('tell each its own faults and defaults, also in turns', () => {
    const [one, other] = [compile(schema(5)), compile(schema(5))];
    const faults = [one({ size: 6 }), other({ size: 'x' }), one({})].map((checked) =>
      checked.ok ? checked.value : checked.violations.map(({ message }) => message),
    );
    expect(faults).toEqual([['size must be <= 5'], ['size must be integer'], { size: 1 }]);
  });
});
