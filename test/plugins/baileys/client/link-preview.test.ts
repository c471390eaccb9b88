import { describe, expect, it } from 'vitest';
import { firstLink } from '../../../../plugins/baileys/client/links.ts';

describe('the first link of a text', () => {
  it.each([
    ['see https://a.example/x?y=1.', 'https://a.example/x?y=1'],
    ['(http://a.example/b)', 'http://a.example/b'],
    ['www.example.org/x, please', 'www.example.org/x'],
    ['write to me@a.example', undefined],
    ['v1.2.3 is out', undefined],
    ['file:///etc/passwd', undefined],
    ['https://example.org/Blue_(album)', 'https://example.org/Blue_(album)'],
    ['(see https://example.org/Blue_(album))', 'https://example.org/Blue_(album)'],
    ['https://example.org/A_(b_(c))', 'https://example.org/A_(b_(c))'],
    ['(https://example.org/A_(b_(c)))', 'https://example.org/A_(b_(c))'],
    ['[here](https://example.org/[a_(b_[c])])', 'https://example.org/[a_(b_[c])]'],
    [
      'https://en.wikipedia.org/wiki/Bose–Einstein_condensate',
      'https://en.wikipedia.org/wiki/Bose–Einstein_condensate',
    ],
    ['https://ca.wikipedia.org/wiki/Paral·lel, sí', 'https://ca.wikipedia.org/wiki/Paral·lel'],
    ['‘https://fr.wikipedia.org/wiki/L’Avenir’', 'https://fr.wikipedia.org/wiki/L’Avenir'],
    ['https://example.org–then', 'https://example.org'],
    ['https://example.org/a – then', 'https://example.org/a'],
    ['https://example.org/a—then', 'https://example.org/a'],
  ])('%s: %s', (text, link) => {
    expect(firstLink(text)).toBe(link);
  });

  const link = 'https://example.org/a_b?c=1';
  const surroundings = [
    ...['%', '%.', '%!', '%?', '%;', '%:', '%,', '"%"', "'%'", '(%)', '[%]', '{%}', '<%>'],
    ...['*%*', '_%_', '~%~', '`%`', '```%```', '*_%_*', '*see %*', '_see %_', '~*%*~'],
    ...['%。', '%、次', '「%」', '『%』', '（%）', '«%»', '“%”', '‘%’', '%…', '%！', '¿%?', '《%》', '%。次の文'],
    ...['%\u200b', '\u2068%\u2069', '\u200e%\u200f', '%\ufeff.', '%\u00ad'],
  ];
  it.each(surroundings)('is the same in %s', (surrounding) => {
    for (const before of ['', 'look: ', 'お知らせ ', '\n']) {
      expect(firstLink(before + surrounding.replace('%', link))).toBe(link);
    }
  });

  it('is found in a long text without one in no time', () => {
    const began = process.cpuUsage();
    firstLink(`www.${'a-'.repeat(30_000)} ${'www.'.repeat(15_000)}`);
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(500);
  });
});
