import { describe, expect, it } from 'vitest';
import { readPage } from '../../../../plugins/baileys/client/link-preview.ts';
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
  ])('%s: %s', (text, link) => {
    expect(firstLink(text)).toBe(link);
  });

  const link = 'https://example.org/a_b?c=1';
  const surroundings = [
    ...['%', '%.', '%!', '%?', '%;', '%:', '%,', '"%"', "'%'", '(%)', '[%]', '{%}', '<%>'],
    ...['*%*', '_%_', '~%~', '`%`', '```%```', '*_%_*', '*see %*', '_see %_', '~*%*~'],
    ...['%。', '%、次', '「%」', '『%』', '（%）', '«%»', '“%”', '‘%’', '%…', '%！', '¿%?', '《%》', '%。次の文'],
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

describe('a page', () => {
  const bytes = (html: string) => Buffer.from(html);

  it('is read by its Open Graph tags, in any order and any quotes', async () => {
    const html = `<head><meta content='A &quot;B&quot; &#x43;' property="og:title"><meta name=description content=D>
      <meta property='og:image' content='/i.png'><title>T</title>`;
    expect(await readPage(bytes(html))).toEqual({ title: 'A "B" C', description: 'D', image: '/i.png' });
  });

  it('has at least its title, or nothing to show', async () => {
    expect((await readPage(bytes('<title lang="en"> Hi </title>'))).title).toBe('Hi');
    expect((await readPage(bytes('<!-- <title>no</title> --><p>nothing'))).title).toBeUndefined();
  });

  const encodings = [
    ['windows-1251', 'Привет', 'cff0e8e2e5f2'],
    ['shift_jis', '日本', '93fa967b'],
    ['euc-kr', '한국', 'c7d1b1b9'],
    ['gbk', '中国', 'd6d0b9fa'],
    ['iso-8859-1', 'Käse', '4be47365'],
    ['utf-8', 'Grüße', Buffer.from('Grüße').toString('hex')],
  ] as const;
  it.each(encodings)(
    'in %s is read when the server says so, and when only the page does',
    async (charset, title, hex) => {
      const page = (head: string) =>
        Buffer.concat([bytes(`<html><head>${head}<title>`), Buffer.from(hex, 'hex'), bytes('</title>')]);
      expect((await readPage(page(''), `text/html; charset=${charset}`)).title).toBe(title);
      expect((await readPage(page(`<meta charset="${charset}">`), 'text/html')).title).toBe(title);
      const old = `<meta http-equiv="Content-Type" content="text/html; charset=${charset}">`;
      expect((await readPage(page(old), 'text/html')).title).toBe(title);
    },
  );
});
