import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReceivedTexts, SentTexts } from '../../../plugins/sqlite/sent-texts.ts';

describe('texts of statements between threads', () => {
  it('arrive with every statement, in messages of any length, however many different ones there are', () => {
    const message = fc.array(fc.integer({ min: 0, max: 1500 }), { maxLength: 400 });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 12 }), (messages) => {
        const [sent, received] = [new SentTexts(), new ReceivedTexts()];
        for (const numbers of messages) {
          const statements = numbers.map((number) => ({ text: `text ${number}`, values: [number] }));
          const wire = structuredClone({ calls: statements.map((one) => sent.statement(one)), texts: sent.added() });
          received.add(wire.texts);
          expect(wire.calls.map((one) => received.statement(one))).toEqual(statements);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('cross once, until there are too many to remember', () => {
    const sent = new SentTexts();
    const counts = [1, 2, 3].map((round) => {
      for (let at = 0; at < 300; at += 1)
        sent.question({ text: `${round === 3 ? 'new ' : ''}${at}`, values: [], texts: [] });
      return sent.added().texts.length;
    });
    expect(counts).toEqual([300, 0, 300]);
    sent.statement({ text: '0', values: [], must: 'find' });
    expect(sent.added().texts).toHaveLength(1);
  });

  it('are never taken for each other: a statement whose text did not come is refused', () => {
    const [sent, received] = [new SentTexts(), new ReceivedTexts()];
    sent.statement({ text: 'lost', values: [] });
    sent.added();
    const statement = sent.statement({ text: 'lost', values: [] });
    received.add(sent.added());
    expect(() => received.statement(statement)).toThrow('is not there');
    expect(() => received.question({ text: 7, values: [], texts: [] })).toThrow('is not there');
  });
});
