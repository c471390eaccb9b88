/*
 * Chatwoot writes Markdown and WhatsApp marks of its own: `**bold**` is `*bold*` there, `*slanted*` is `_slanted_`, `~~struck~~` is
 * `~struck~`. Text between back ticks is the same in both and left alone. Marks end in the line in which they begin. Everything is
 * read once, from left to right, so that the time grows with the text and no faster.
 */

/** As WhatsApp shows it. */
export const toWhatsApp = (markdown: string): string =>
  outsideCode(markdown, (part) => {
    const linked = withLinks(part);
    // A sign that is not in a text keeps the two kinds of stars apart.
    const bold = marked(linked, '**', (inner) => `\u0001${inner}\u0001`);
    const slanted = marked(bold, '*', (inner) => `_${inner}_`, startsAtOnce);
    const struck = marked(slanted, '~~', (inner) => `~${inner}~`);
    return struck.replaceAll('\u0001', '*').replace(/\\([\\`*_~[\]()#+.!-])/g, '$1');
  });

/** As Chatwoot shows it. */
export const toMarkdown = (text: string): string =>
  outsideCode(text, (part) => {
    const bold = marked(part, '*', (inner) => `**${inner}**`, standsAlone);
    return marked(bold, '~', (inner) => `~~${inner}~~`, standsAlone);
  });

/** What a pair of marks has around and between. */
interface Pair {
  readonly before: string;
  readonly inner: string;
  readonly after: string;
}

const startsAtOnce = ({ inner }: Pair): boolean => !/^\s/.test(inner);

const standsAlone = (pair: Pair): boolean =>
  startsAtOnce(pair) && /^[\s(]?$/.test(pair.before) && /^[\s).,!?:;]?$/.test(pair.after);

/** Changes what stands between two marks of a line. */
const marked = (
  text: string,
  mark: string,
  change: (inner: string) => string,
  fits: (pair: Pair) => boolean = () => true,
): string => {
  const sign = mark.charAt(0);
  let result = '';
  let from = 0;
  for (let at = text.indexOf(mark); at >= 0; ) {
    const start = at + mark.length;
    // The next sign of this kind ends the pair, or there is none.
    const end = text.indexOf(sign, start);
    if (end < 0) break;
    const inner = text.slice(start, end);
    const after = text.charAt(end + mark.length);
    const isPair = inner !== '' && !inner.includes('\n') && text.startsWith(mark, end);
    if (isPair && fits({ before: text.charAt(at - 1), inner, after })) {
      result += text.slice(from, at) + change(inner);
      from = end + mark.length;
      at = text.indexOf(mark, from);
    } else at = text.indexOf(mark, at + 1);
  }
  return result + text.slice(from);
};

/** `[label](url)` as `label (url)`. */
const withLinks = (text: string): string => {
  let result = '';
  let from = 0;
  for (let at = text.indexOf('['); at >= 0; at = text.indexOf('[', Math.max(at + 1, from))) {
    const end = endOfLabel(text, at + 1);
    const url = text.startsWith('](', end) ? urlAt(text, end + 2) : null;
    const label = text.slice(at + 1, end);
    if (url === null || label === '') continue;
    result += text.slice(from, at) + (label === url ? url : `${label} (${url})`);
    from = end + 2 + url.length + 1;
  }
  return result + text.slice(from);
};

const endOfLabel = (text: string, start: number): number => {
  let end = start;
  while (end < text.length && !'[]\n'.includes(text.charAt(end))) end += 1;
  return end;
};

/** The longest address that is taken for one. */
const longestUrl = 2_000;

const urlAt = (text: string, start: number): string | null => {
  const rest = text.slice(start, start + longestUrl + 1);
  const end = rest.search(/[\s()]/);
  const url = rest.slice(0, Math.max(end, 0));
  return rest.charAt(end) === ')' && /^https?:\/\/./.test(url) ? url : null;
};

/** Changes what is not between back ticks. */
const outsideCode = (text: string, change: (part: string) => string): string => {
  let result = '';
  let from = 0;
  for (let at = text.indexOf('`'); at >= 0; at = text.indexOf('`', Math.max(at + 1, from))) {
    const end = endOfCode(text, at);
    if (end === null) continue;
    result += change(text.slice(from, at)) + text.slice(at, end);
    from = end;
  }
  return result + change(text.slice(from));
};

/** Where the code that begins here ends; null when it does not end. */
const endOfCode = (text: string, at: number): number | null => {
  const fence = '```';
  if (text.startsWith(fence, at)) {
    const end = text.indexOf('`', at + fence.length);
    if (end >= 0 && text.startsWith(fence, end)) return end + fence.length;
  }
  const end = text.indexOf('`', at + 1);
  return end < 0 || text.slice(at, end).includes('\n') ? null : end + 1;
};
