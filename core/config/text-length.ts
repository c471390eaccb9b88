/** Whether a text has at most so many characters. A character takes one or two units, so most texts need not be walked through. */
const hasAtMost = (text: string, count: number): boolean =>
  text.length <= count || (text.length <= 2 * count && [...text].length <= count);

const hasAtLeast = (text: string, count: number): boolean =>
  text.length >= 2 * count || (text.length >= count && [...text].length >= count);

/** A check of one text that says what is wrong where ajv looks for it. */
interface LengthCheck {
  (text: string): boolean;
  errors?: { keyword: string; message: string; params: { limit: number } }[];
}

const lengthKeyword = (keyword: 'maxLength' | 'minLength', fits: typeof hasAtMost) => ({
  keyword,
  type: 'string' as const,
  schemaType: 'number' as const,
  errors: true,
  compile: (limit: number): LengthCheck => {
    const message = `must NOT have ${keyword === 'maxLength' ? 'more' : 'fewer'} than ${limit} characters`;
    const check: LengthCheck = (text) => {
      if (fits(text, limit)) return true;
      check.errors = [{ keyword, message, params: { limit } }];
      return false;
    };
    return check;
  },
});

/**
 * The two keywords of JSON Schema for the length of a text, for ajv, which finds it out by walking through all of it: a tenth of a second
 * for a file of 46 MB, of which only is asked whether there is anything.
 */
export const lengthKeywords = [lengthKeyword('maxLength', hasAtMost), lengthKeyword('minLength', hasAtLeast)];
