import { createRequire } from 'node:module';
import type { FuncKeywordDefinition } from 'ajv';

const require = createRequire(import.meta.url);

/** Whether a text has at most so many characters. A character takes one or two units, so most texts need not be walked through. */
const hasAtMost = (text: string, count: number): boolean =>
  text.length <= count || (text.length <= 2 * count && [...text].length <= count);

const hasAtLeast = (text: string, count: number): boolean =>
  text.length >= 2 * count || (text.length >= count && [...text].length >= count);

const lengthKeyword = (keyword: 'maxLength' | 'minLength', fits: typeof hasAtMost): FuncKeywordDefinition => {
  const { _, str } = require('ajv') as typeof import('ajv');
  const than = keyword === 'maxLength' ? 'more' : 'fewer';
  return {
    keyword,
    type: 'string',
    schemaType: 'number',
    error: {
      message: ({ schemaCode }) => str`must NOT have ${than} than ${schemaCode} characters`,
      params: ({ schemaCode }) => _`{limit: ${schemaCode}}`,
    },
    compile: (count: number) => (text: string) => fits(text, count),
  };
};

/**
 * The two keywords of JSON Schema for the length of a text, which ajv finds out by walking through all of it: a tenth of a second for a file
 * of 46 MB, of which only is asked whether there is anything.
 */
export const lengthKeywords = (): readonly FuncKeywordDefinition[] => [
  lengthKeyword('maxLength', hasAtMost),
  lengthKeyword('minLength', hasAtLeast),
];
