import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sessionStatuses, statusReasons } from '../../core/contracts/session.ts';
import { reasonWords, statusWords } from '../../plugins/dashboard/ui/parts/status-words.ts';
import { root } from '../support/built-package.ts';

const page = readFileSync(join(root, 'docs/lifecycle.md'), 'utf8');

describe('every reason why a session does not work', () => {
  it.each(statusReasons)('%s is explained in the page about the lifecycle', (reason) => {
    expect(page).toContain(`\`${reason}\``);
  });

  it.each(statusReasons)('%s has words on the dashboard', (reason) => {
    expect(reasonWords).toHaveProperty(reason, expect.any(String));
  });
});

it.each(sessionStatuses)('the status %s has words on the dashboard', (status) => {
  expect(statusWords).toHaveProperty(status, expect.any(String));
});
