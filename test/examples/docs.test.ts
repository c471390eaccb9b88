import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../core/config/load.ts';
import { pluginApi } from '../../core/contracts/plugin.ts';
import { Points } from '../../core/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const text = readFileSync(join(root, 'docs/plugins.md'), 'utf8');

const blocks = (language: string): string[] =>
  [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, block = '']) => block);

describe('docs/plugins.md', () => {
  it.each(blocks('ts').map((block) => [/^\/\/ (\S+)\n/.exec(block)?.[1] ?? 'a snippet without a file', block]))(
    'shows %s as it is compiled and run',
    (path, block) => {
      expect(block.replace(/^.*\n/, '')).toBe(readFileSync(join(root, path), 'utf8'));
    },
  );

  it('has YAML that the runtime takes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'waha-docs-'));
    for (const block of blocks('yaml')) {
      const file = join(folder, 'waha.config.yaml');
      writeFileSync(file, block);
      expect(loadConfig(file).value.plugins.length).toBeGreaterThan(0);
    }
    rmSync(folder, { recursive: true });
  });

  it('names every point, and the version of the plugin API', () => {
    for (const name of Object.keys(Points)) expect(text).toContain(`Points.${name}\``);
    expect(text).toContain(`"api": ${pluginApi}`);
  });
});
