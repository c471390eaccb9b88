import { execFileSync } from 'node:child_process';
import { isSafe } from 'redos-detector';
import { describe, expect, it } from 'vitest';
import { root } from './support/built-package.ts';
import { dynamicExpressionsIn, expressionsIn } from './support/regular-expressions.ts';

const files = execFileSync('git', ['ls-files', 'core/*.ts', 'plugins/*.ts'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  // Suites look into texts that they made themselves; a page keeps nobody waiting but its own tab.
  .filter((file) => file !== '' && !file.startsWith('core/testing/') && !/^plugins\/[^/]+\/ui\//.test(file));

/** Those that are put together at run time, and why none of them takes long. */
const known: Readonly<Record<string, string>> = {
  'core/config/fit-types.ts': 'keys of the YAML, by patterns of schemas',
  'core/contracts/session.ts': 'one constant pattern',
  'plugins/keys/wishes.ts': 'one constant pattern',
  'core/host/session-scope.ts': 'names of at most 64 characters, by patterns of the YAML',
};

describe('regular expressions', () => {
  it('take time that grows with the text and no faster', () => {
    const slow = files.flatMap((file) =>
      expressionsIn(file)
        .filter(({ source, flags }) => !isSafe(new RegExp(source, flags), { maxSteps: 5_000 }).safe)
        .map(({ source, flags }) => `${file}: /${source}/${flags}`),
    );
    expect(slow).toEqual([]);
  });

  it('are constants, but for those that are known', () => {
    const unknown = files.filter((file) => !(file in known) && dynamicExpressionsIn(file) > 0);
    expect(unknown).toEqual([]);
  });

  it('are found by the test in literals, constructors and schemas, and the quadratic ones are told', () => {
    const unsafe = [/^[\w+/\s-]+={0,2}\s*$/, /<meta\s[^>]{1,2000}>/gi, /\s+$/, /^(a+)+$/];
    expect(unsafe.filter((one) => isSafe(one, { maxSteps: 5_000 }).safe)).toEqual([]);
    expect(expressionsIn('core/http/route-table.ts').length).toBeGreaterThan(1);
  });
});
