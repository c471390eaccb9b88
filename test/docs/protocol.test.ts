import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../support/built-package.ts';

const page = readFileSync(join(root, 'docs/protocol.md'), 'utf8');
const titles = new Set([...page.matchAll(/^#+ (.+)$/gm)].map(([, title]) => title));

const sources = ['plugins/sandbox', 'plugins/baileys'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name)),
);

/** The sections that comments of a file name, whatever lines they are broken into. */
const named = (file: string): string[] => {
  const text = readFileSync(join(root, file), 'utf8').replace(/\n\s*\*\s+/g, ' ');
  return [...text.matchAll(/docs\/protocol\.md, ("[^"]+"(?: and "[^"]+")*)/g)].flatMap(([, list = '']) =>
    [...list.matchAll(/"([^"]+)"/g)].map(([, title = '']) => title),
  );
};

/** How the page's table calls its sources. */
const source = /\b(Baileys|B#\d+|whatsmeow|whatsapp-rust|zapo|cobalt|run|read|inferred|the sandbox's own)\b/;

describe("the page on WhatsApp's wire", () => {
  it('has every section that the code names', () => {
    const missing = sources.flatMap((file) => named(file).filter((title) => !titles.has(title)));
    expect(missing).toEqual([]);
    expect(sources.flatMap(named).length).toBeGreaterThan(50);
  });

  it('names the source of every statement', () => {
    const [, ...sections] = page.split(/^## /m);
    const blocks = sections
      .flatMap((section) => section.split(/\n\n+/))
      .filter((block) => /\w\. |\w: |\w\.$/.test(block));
    const unsourced = blocks.filter((block) => !source.test(block) && !/^\|/.test(block));
    expect(unsourced).toEqual([]);
  });
});
