import { describe, expect, it } from 'vitest';
import { firstLink, readPage } from '../../../../plugins/baileys/client/link-preview.ts';

describe('the first link of a text', () => {
  it.each([
    ['see https://a.example/x?y=1.', 'https://a.example/x?y=1'],
    ['(http://a.example/b)', 'http://a.example/b'],
    ['www.a.example/x, please', 'www.a.example/x'],
    ['write to me@a.example', undefined],
    ['v1.2.3 is out', undefined],
    ['file:///etc/passwd', undefined],
  ])('%s: %s', (text, link) => {
    expect(firstLink(text)).toBe(link);
  });

  it('is found in a long text without one in no time', () => {
    const began = process.cpuUsage();
    firstLink(`www.${'a-'.repeat(30_000)} ${'www.'.repeat(15_000)}`);
    expect(process.cpuUsage(began).user / 1000).toBeLessThan(500);
  });
});

describe('a page', () => {
  it('is read by its Open Graph tags, in any order and any quotes', () => {
    const html = `<head><meta content='A &quot;B&quot; &#x43;' property="og:title"><meta name=description content=D>
      <meta property='og:image' content='/i.png'><title>T</title>`;
    expect(readPage(html)).toEqual({ title: 'A "B" C', description: 'D', image: '/i.png' });
  });

  it('has at least its title, or nothing to show', () => {
    expect(readPage('<title lang="en"> Hi </title>').title).toBe('Hi');
    expect(readPage('<p>nothing').title).toBeUndefined();
  });
});
