import { find } from 'linkifyjs';

/** Longer texts hold their link somewhere else than at the beginning of what is looked at. */
const LOOKED_AT = 8192;

/**
 * The first thing in a text that is a link to a page, without what surrounds it: brackets, punctuation of any script, and the
 * marks of bold, italic and struck words, which would lead nowhere as parts of the address.
 */
export const firstLink = (text: string): string | undefined => {
  const head = text.slice(0, LOOKED_AT);
  // As long as the text, so that places in both are the same. Format characters are invisible, and come along with copied text.
  const plain = head.replace(/[^\P{P}\p{ASCII}]|\p{Cf}/gu, (mark, at: number) =>
    isInName(head, at) ? 'x' : ' '.repeat(mark.length),
  );
  for (const { start, value } of find(plain, 'url')) {
    const whole = wholeBrackets(plain, start, start + value.length);
    const link = withoutMarks(head.slice(start, whole), head.slice(0, start));
    if (/^(https?:\/\/|www\.)/i.test(link)) return link;
  }
  return undefined;
};

/** Punctuation of names, as in `Paral·lel` and `Bose–Einstein`: between two letters of a path it is part of the address. */
const isInName = (text: string, at: number): boolean => {
  if (!'·‐‑–’'.includes(text[at] ?? '')) return false;
  if (!isLetter(text[at - 1]) || !isLetter(text[at + 1])) return false;
  const word =
    text
      .slice(Math.max(0, at - LONGEST_PATH), at)
      .split(/\s/)
      .at(-1) ?? '';
  const host = word.indexOf('://');
  return host >= 0 && word.includes('/', host + 3);
};

/** So far before it the host of an address is looked for. */
const LONGEST_PATH = 200;

const isLetter = (character = ''): boolean => /[\p{L}\p{N}]/u.test(character);

/** Where a link ends that closes each bracket that it opens: of brackets within brackets, the library leaves the last ones out. */
const wholeBrackets = (text: string, start: number, found: number): number => {
  const open: string[] = [];
  let end = found;
  for (let at = start; at < found || (open.length > 0 && closing[open.at(-1) ?? ''] === text[at]); at += 1) {
    const character = text[at] ?? '';
    if (character in closing) open.push(character);
    else if (character === closing[open.at(-1) ?? '']) open.pop();
    end = Math.max(found, at + 1);
  }
  return end;
};

const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** `*`, `~` and backticks end no address; an underscore may, unless one began something before it. */
const withoutMarks = (link: string, before: string): string => {
  const isItalic = /(^|[^\p{L}\p{N}])_(?=\S|$)/u.test(before);
  let end = link.length;
  while (end > 0 && (isMark(link[end - 1]) || (isItalic && link[end - 1] === '_'))) end -= 1;
  return link.slice(0, end);
};

const isMark = (character: string | undefined): boolean => character === '*' || character === '~' || character === '`';
