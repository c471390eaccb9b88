// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders are what is tested
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fillPlaceholders } from '../../../core/config/placeholders.ts';

const baseDir = mkdtempSync(join(tmpdir(), 'waha-secret-'));
writeFileSync(join(baseDir, 'key'), 'from the file\n');
afterAll(() => rmSync(baseDir, { recursive: true }));

const env = { HOST: 'example.org', PORT: '8080', EMPTY: '', RAW: 'a $b ${HOST} $${x}', SECRET_FILE: 'key' };
const fill = (text: string): string => fillPlaceholders(text, { env, baseDir }).text;

describe('placeholders', () => {
  it.each([
    ['plain text', 'plain text'],
    ['${HOST}', 'example.org'],
    ['http://${HOST}:${PORT}/x', 'http://example.org:8080/x'],
    ['${NOPE:-default}', 'default'],
    ['${EMPTY:-default}', 'default'],
    ['${HOST:-default}', 'example.org'],
    ['${NOPE:-}', ''],
    ['${NOPE:-${PORT:-1}}', '8080'],
    ['${NOPE:-${NOPE2:-a b}!}', 'a b!'],
    ['${HOST:-${NOPE}}', 'example.org'],
    ['${HOST:-${file:missing}}', 'example.org'],
    ['${NOPE:-a:-b}', 'a:-b'],
    ['$${HOST}', '${HOST}'],
    ['$$HOST $5 {x}', '$$HOST $5 {x}'],
    ['${RAW}', 'a $b ${HOST} $${x}'],
    ['${file:key}', 'from the file'],
    ['${file:./key} ${PORT}', 'from the file 8080'],
    ['${file:${SECRET_FILE}}', 'from the file'],
    ['${NOPE:-${file:key}}', 'from the file'],
  ])('turns %s into %s', (text, expected) => {
    expect(fill(text)).toBe(expected);
  });

  it.each([
    ['${NOPE}', 'the environment variable NOPE is not set'],
    ['${EMPTY}', 'the environment variable EMPTY is not set'],
    ['${NOPE:-${NOPE2}}', 'NOPE2 is not set'],
    ['${HOST', 'a placeholder must be'],
    ['${HOST:-x', "has no '}'"],
    ['${}', 'a placeholder must be'],
    ['${A-b}', 'a placeholder must be'],
    ['${A:b}', 'a placeholder must be'],
    ['${file:missing}', 'the file missing of ${file:…} does not exist'],
    ['${file:.}', 'the file . of ${file:…} is a folder'],
    ['${A:-'.repeat(50) + '}'.repeat(50), 'nested too deeply'],
  ])('refuses %s', (text, message) => {
    expect(() => fill(text)).toThrow(message);
  });

  it('tells which names were used, and whether the text was one placeholder', () => {
    const told = (text: string) => {
      const { names, exact } = fillPlaceholders(text, { env, baseDir });
      return { names, exact };
    };
    expect(told('${A:-${PORT}}')).toEqual({ names: ['A', 'PORT'], exact: true });
    expect(told('${HOST:-${PORT}}')).toEqual({ names: ['HOST'], exact: true });
    expect(told('${HOST}${PORT}')).toEqual({ names: ['HOST', 'PORT'], exact: false });
    expect(told(' ${HOST}')).toEqual({ names: ['HOST'], exact: false });
    expect(told('$${HOST}')).toEqual({ names: [], exact: false });
  });
});
