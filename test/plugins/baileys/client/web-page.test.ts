import { describe, expect, it } from 'vitest';
import { readPage } from '../../../../plugins/baileys/client/web-page.ts';

const numbered = (text: string): string =>
  Array.from({ length: 25_000 }, (_, at) => text.replace('#', `${at}`)).join('');

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

  it('says nothing in what is no tag of it', async () => {
    const html = `<script>'<meta property="og:title" content="no">'</script><textarea><title>no</title></textarea>
      <style><title>no</title></style><title>a &amp; <b>b</title><title>c</title>`;
    expect((await readPage(bytes(html))).title).toBe('a & <b>b');
  });

  const costly: readonly (readonly [string, string])[] = [
    ['open tags that each paragraph repeats', `<p>${numbered('<b id=#>')}${'<p>x'.repeat(60_000)}`],
    ['tags in tags', '<div>'.repeat(100_000)],
    ['ends of tags that nobody opened', `${'<b>'.repeat(80_000)}${'</x>'.repeat(60_000)}`],
    ['tables in links', '<table><a>'.repeat(50_000)],
    ['lists in lists', `${'<ul><li>'.repeat(30_000)}${'</x>'.repeat(60_000)}`],
    ['attributes', `<meta ${numbered('a#=1 ')}>`],
    ['an open comment', '<!--'.repeat(120_000)],
    ['open starts of tags', '<'.repeat(500_000)],
    ['entities', '<title>&amp;&#1;&notanentity;'.repeat(15_000)],
    ['one tag', `<meta content="${'x'.repeat(500_000)}">`],
  ];
  it.each(costly)('of half a megabyte with %s costs what it is worth', { retry: 2 }, async (_, html) => {
    await readPage(bytes('<p>'));
    const began = process.cpuUsage();
    await readPage(bytes(`<title>t</title>${html}`));
    // 20 to 150 ms, and minutes with a tree.
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(1_500);
  });
});
