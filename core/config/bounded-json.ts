import { badRequest } from '../errors.ts';

/** How much structure a JSON text may have. What it costs to read, check and keep grows with it, not with the bytes. */
export interface JsonLimits {
  /** Levels of lists and objects. */
  readonly depth: number;
  /** Members of objects and items of lists, all together. */
  readonly values: number;
}

/**
 * Of a request. A list of 20,000 small objects is read and checked within a tenth of a second; 64 levels are far more than
 * any operation has, and far less than exhausts anybody's stack.
 */
export const requestLimits: JsonLimits = { depth: 64, values: 20_000 };

/**
 * Reads a JSON text, after one pass over its brackets and commas. `what` is named in the error: `the body`. Throws
 * `BAD_REQUEST` for a text that is no JSON, is nested too deeply, or has too many values.
 */
export const parseJson = (text: string, what: string, limits: JsonLimits = requestLimits): unknown => {
  const fault = structureFault(text, limits);
  if (fault) throw badRequest(`${what} ${fault}`);
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest(`${what} is not valid JSON`);
  }
};

const code = { quote: 34, comma: 44, openList: 91, backslash: 92, closeList: 93, open: 123, close: 125 } as const;

const structureFault = (text: string, limits: JsonLimits): string | null => {
  let depth = 0;
  let values = 1;
  for (let at = 0; at < text.length; at++) {
    const sign = text.charCodeAt(at);
    if (sign === code.quote) {
      at = endOfString(text, at + 1);
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

/** Where the string ends; the end of the text when it does not. Files are long strings: they are skipped, not walked through. */
const endOfString = (text: string, start: number): number => {
  for (let end = text.indexOf('"', start); end >= 0; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (before >= start && text.charCodeAt(before) === code.backslash) before -= 1;
    // An even number of backslashes escapes itself, and not the quote.
    if ((end - 1 - before) % 2 === 0) return end;
  }
  return text.length;
};
