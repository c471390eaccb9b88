import { describe, expect, it } from 'vitest';
import { explore, type Parser } from './explore.ts';
import { parsersFromWhatsApp } from './from-whatsapp.ts';
import { locked } from './locked.ts';
import { textParsers } from './outside-texts.ts';

const options = { runs: 30, seed: 1, limitMs: 5_000 };

describe('the search for inputs that a parser does not take', () => {
  const found = async (files: RegExp) => {
    const parser: Parser = { name: 'locked', files, seeds: ['aaaa'], words: ['-'], parse: locked };
    return (await explore(parser, { ...options, runs: 3_200 })).faults.map(({ told }) => told);
  };

  it('is led by the code that ran from one step of a fault to the next', async () => {
    expect(await found(/parsers\/locked/)).toEqual(['Error: the lock is open']);
  });

  it('does not find it without', async () => {
    expect(await found(/no such file/)).toEqual([]);
  });

  it('tells what takes too long', async () => {
    const slow = (input: Buffer): void => {
      let sum = 0;
      const steps = input.includes('b') ? 20_000_000 : 0;
      for (let at = 0; at < steps; at++) sum += Math.sqrt(at);
      expect(sum).toBeGreaterThanOrEqual(0);
    };
    const parser: Parser = { name: 'slow', files: /no such file/, seeds: ['abab'], words: ['-'], parse: slow };
    const { faults } = await explore(parser, { runs: 0, seed: 1, limitMs: 5 });
    expect(faults.map(({ told }) => told)).toEqual(['takes too long']);
  });
});

describe('changed inputs', () => {
  it.each([...textParsers, ...parsersFromWhatsApp])('of $name are taken or refused', async (parser) => {
    const { faults, covered } = await explore(parser, options);
    expect(faults).toEqual([]);
    expect(covered).toBeGreaterThan(0);
  });
});
