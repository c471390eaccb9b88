import { find } from 'linkifyjs';

/** Longer texts hold their link somewhere else than at the beginning of what is looked at. */
const LOOKED_AT = 8192;

/**
 * The first thing in a text that is a link to a page, without what surrounds it: brackets, punctuation of any script, and the
 * marks of bold, italic and struck words, which would lead nowhere as parts of the address.
 */
export const firstLink = (text: string): string | undefined => {
  const head = text.slice(0, LOOKED_AT);
  // As long as the text, so that places in both are the same.
  const plain = head.replace(/[^\P{P}\p{ASCII}]/gu, (mark) => ' '.repeat(mark.length));
  for (const { value, start } of find(plain, 'url')) {
    const link = withoutMarks(value, head.slice(0, start));
    if (/^(https?:\/\/|www\.)/i.test(link)) return link;
  }
  return undefined;
};

/** `*`, `~` and backticks end no address; an underscore may, unless one began something before it. */
const withoutMarks = (link: string, before: string): string => {
  const isItalic = /(^|[^\p{L}\p{N}])_(?=\S|$)/u.test(before);
  let end = link.length;
  while (end > 0 && (isMark(link[end - 1]) || (isItalic && link[end - 1] === '_'))) end -= 1;
  return link.slice(0, end);
};

const isMark = (character: string | undefined): boolean => character === '*' || character === '~' || character === '`';
