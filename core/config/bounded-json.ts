import { badRequest } from '../errors.ts';

/** How much structure a JSON text may have. What it costs to read, check and keep grows with it, not with the bytes. */
export interface JsonLimits {
  /** Levels of lists and objects. */
  readonly depth: number;
  /** Members of objects and items of lists, all together. */
  readonly values: number;
  /** Quotes inside of strings: each is a stop where a string may end. */
  readonly escapedQuotes: number;
  /** Signs outside of strings: brackets, numbers, words and the space between them. Each is walked over. Unlimited when absent. */
  readonly outside?: number;
  /** Backslashes: what follows each is read by itself. Unlimited when absent. */
  readonly escapes?: number;
}

/**
 * Of a request. A list of 20,000 small objects is read and checked within a tenth of a second; 64 levels are far more than
 * any operation has, and far less than exhausts anybody's stack. A file in base64 has neither quotes nor backslashes, and the longest
 * text 65,536.
 */
export const requestLimits: JsonLimits = {
  depth: 64,
  values: 20_000,
  escapedQuotes: 500_000,
  outside: 2_000_000,
  escapes: 2_000_000,
};

/**
 * Reads a JSON text, after one pass over its brackets and commas. `what` is named in the error: `the body`. Throws
 * `BAD_REQUEST` for a text that is no JSON, is nested too deeply, or has too many values.
 */
export const parseJson = (text: string, what: string, limits: JsonLimits = requestLimits): unknown => {
  checkStructure(text, what, limits);
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest(`${what} is not valid JSON`);
  }
};

/** Throws `BAD_REQUEST` for a text with more structure than a JSON text may have, whether it is one or not. */
export const checkStructure = (text: string, what: string, limits: JsonLimits = requestLimits): void => {
  const fault = structureFault(text, limits);
  if (fault) throw badRequest(`${what} ${fault}`);
};

const code = { quote: 34, comma: 44, openList: 91, backslash: 92, closeList: 93, open: 123, close: 125 } as const;

const structureFault = (text: string, limits: JsonLimits): string | null =>
  shapeFault(text, limits) ?? escapesFault(text, limits);

const escapesFault = (text: string, { escapes }: JsonLimits): string | null => {
  if (escapes === undefined || text.length <= escapes) return null;
  let found = 0;
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', at + 1)) {
    found += 1;
    if (found > escapes) return `has more than ${escapes} backslashes`;
  }
  return null;
};

const shapeFault = (text: string, limits: JsonLimits): string | null => {
  let depth = 0;
  let values = 1;
  let outside = 0;
  const { outside: mostOutside = Number.POSITIVE_INFINITY } = limits;
  const strings = new StringEnds(text, limits.escapedQuotes);
  for (let at = 0; at < text.length; at++) {
    const sign = text.charCodeAt(at);
    outside += 1;
    if (outside > mostOutside) return `has more than ${mostOutside} signs outside of its texts`;
    if (sign === code.quote) {
      at = strings.after(at);
      if (strings.tooMany) return `has more than ${limits.escapedQuotes} escaped quotes`;
    } else if (sign === code.open || sign === code.openList) {
      depth += 1;
      values += 1;
      if (depth > limits.depth) return `is nested more than ${limits.depth} levels deep`;
    } else if (sign === code.comma) {
      values += 1;
    } else if (sign === code.close || sign === code.closeList) {
      depth -= 1;
    }
    if (values > limits.values) return `has more than ${limits.values} values`;
  }
  return null;
};

/** Finds where strings end. Files are long strings: they are skipped, not walked through. */
class StringEnds {
  readonly #text: string;
  #left: number;

  constructor(text: string, escapedQuotes: number) {
    this.#text = text;
    this.#left = escapedQuotes;
  }

  /** It gave up: there are more escaped quotes than may be. */
  get tooMany(): boolean {
    return this.#left < 0;
  }

  /** The closing quote of the string that opens at `start`; the end of the text when it has none. */
  after(start: number): number {
    for (let end = this.#text.indexOf('"', start + 1); end >= 0; end = this.#text.indexOf('"', end + 1)) {
      if (!this.#isEscaped(end, start)) return end;
      this.#left -= 1;
      if (this.tooMany) break;
    }
    return this.#text.length;
  }

  /** An even number of backslashes escapes itself, and not the quote. */
  #isEscaped(quote: number, start: number): boolean {
    let before = quote - 1;
    while (before > start && this.#text.charCodeAt(before) === code.backslash) before -= 1;
    return (quote - 1 - before) % 2 === 1;
  }
}
