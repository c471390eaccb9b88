import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../support/built-package.ts';
import { mutations } from './mutations.ts';

const texts = new Map<string, string>();
const textOf = (path: string): string => {
  const text = texts.get(path) ?? readFileSync(join(root, path), 'utf8');
  texts.set(path, text);
  return text;
};

/** Paragraphs are wrapped anew at each change. */
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');

describe('the mutations', () => {
  it('are found once each in their files, and change something', () => {
    const counts = mutations.map(({ file, text }) => [file, text, textOf(file).split(text).length - 1]);
    expect(counts.filter(([, , count]) => count !== 1)).toEqual([]);
    expect(mutations.filter(({ text, replacement }) => text === replacement)).toEqual([]);
  });

  it('break promises that stand in the documentation', () => {
    const missing = mutations.filter(({ promise: [page, words] }) => !oneLine(textOf(`docs/${page}`)).includes(words));
    expect(missing.map(({ promise }) => promise)).toEqual([]);
  });

  it('name tests that there are', () => {
    const tests = mutations.flatMap(({ tests }) => tests.map((test) => `test/${test}`));
    expect(tests.filter((test) => !existsSync(join(root, test)))).toEqual([]);
  });
});
