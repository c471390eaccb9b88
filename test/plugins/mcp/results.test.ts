import { describe, expect, it } from 'vitest';
import { resultOf } from '../../../plugins/mcp/results.ts';

const asIs = (text: string): string => text;
const list = (count: number) => Array.from({ length: count }, () => ({ body: 'x'.repeat(1_000) }));

describe('what a tool gives back', () => {
  it('is the text and the value of an answer', () => {
    const { content, structuredContent } = resultOf({ status: 200, json: list(2) }, asIs);
    expect(JSON.parse((content[0] as { text: string }).text)).toEqual(list(2));
    expect(structuredContent).toEqual({ result: list(2) });
  });

  it('is a refusal that says how to ask for less when the answer is too long for an agent', () => {
    const answer = { status: 200, json: list(5_000) };
    expect(() => resultOf(answer, asIs)).toThrow('the answer has 6 MB, and agents get 2 MB at most; ask for less');
  });
});
