import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../support/built-package.ts';
import { entries, exportsOfEntry, publicSurface, reportFile } from './public-surface.ts';

const names = Object.keys(entries) as (keyof typeof entries)[];
/** Those whose names a plugin imports one by one. */
const forPlugins = ['waha-runtime', 'waha-runtime/engine', 'waha-runtime/http', 'waha-runtime/storage'] as const;

/** What `definePlugin` and the like give back: a package that is built with declarations has to be able to name it. */
const givenBack = new Set(['Plugin', 'PluginContext', 'Token', 'LogFollower', 'Checked', 'Violation']);

/** Every name that a plugin or an example imports from an entry, as `entry name`. */
const imported = (): Set<string> => {
  const sources = ['plugins', 'examples'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
      .map((name) => readFileSync(join(root, folder, name), 'utf8')),
  );
  const lines = sources.flatMap((text) => [
    ...text.matchAll(/^import (?:type )?\{([^}]*)\} from '(waha-runtime[^']*)'/gm),
  ]);
  return new Set(
    lines.flatMap(([, list = '', entry]) =>
      list.split(',').map(
        (name) =>
          `${entry} ${name
            .trim()
            .replace(/^type /, '')
            .replace(/ as .*/, '')}`,
      ),
    ),
  );
};

describe('the public surface', () => {
  it('is what the report says (after a change on purpose: npm run surface)', async () => {
    expect(await publicSurface()).toBe(readFileSync(reportFile, 'utf8'));
  });

  it.each(names)('%s has a docstring at every name', async (entry) => {
    const found = [...(await exportsOfEntry(entry))];
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter(([, { documented }]) => !documented).map(([name]) => name)).toEqual([]);
  });

  it.each(forPlugins)(
    '%s has no name that neither a plugin nor an example uses',
    { timeout: 120_000 },
    async (entry) => {
      const used = imported();
      const found = [...(await exportsOfEntry(entry)).keys()];
      expect(found.filter((name) => !used.has(`${entry} ${name}`) && !givenBack.has(name))).toEqual([]);
    },
  );

  it('has each name in one entry only', async () => {
    const all = (await Promise.all(names.map(exportsOfEntry))).flatMap((found) => [...found.keys()]);
    expect(all.filter((name, index) => all.indexOf(name) !== index)).toEqual([]);
  });
});
