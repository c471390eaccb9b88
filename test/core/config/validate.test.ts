import { describe, expect, it } from 'vitest';
import { compile } from '../../../core/config/validate.ts';
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
