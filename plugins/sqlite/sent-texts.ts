import type { Stored } from 'waha-runtime/storage';
import type { Question, Statement } from './executor.ts';

/** A statement as it crosses the threads: with the number of its text. */
export type SentStatement = readonly [text: number, values: readonly Stored[], must?: Statement['must']];

/** A question as it crosses the threads. */
export interface SentQuestion {
  readonly text: number;
  readonly values: readonly Stored[];
  readonly texts: readonly number[];
}

/** Texts that the other thread does not have yet, by their numbers. `first`: none before this number is used any more. */
export interface NewTexts {
  readonly first: number;
  readonly texts: readonly (readonly [number, string])[];
}

/** How many are remembered before all are forgotten: as many as statements are kept prepared. */
const most = 500;

/**
 * The texts of statements that the other thread has: a text is longer than most of its values, and the same ones come with
 * every message, so each crosses once. The other thread's copy is one string, too, which it finds its prepared statement by.
 */
export class SentTexts {
  readonly #numbers = new Map<string, number>();
  #added: [number, string][] = [];
  #first = 0;
  #next = 0;

  statement({ text, values, must }: Statement): SentStatement {
    return must === undefined ? [this.#numberOf(text), values] : [this.#numberOf(text), values, must];
  }

  question({ text, values, texts }: Question): SentQuestion {
    return { text: this.#numberOf(text), values, texts };
  }

  /** What has to go with what was made of statements since the last call. */
  added(): NewTexts {
    const made = { first: this.#first, texts: this.#added };
    this.#added = [];
    if (this.#numbers.size >= most) this.forget();
    return made;
  }

  /** Every text is sent again. */
  forget(): void {
    this.#numbers.clear();
    this.#first = this.#next;
  }

  #numberOf(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const number = this.#next++;
    this.#numbers.set(text, number);
    this.#added.push([number, text]);
    return number;
  }
}

/** The other side of `SentTexts`. */
export class ReceivedTexts {
  readonly #texts = new Map<number, string>();
  #first = 0;

  add({ first, texts }: NewTexts): void {
    if (first !== this.#first) for (const number of this.#texts.keys()) if (number < first) this.#texts.delete(number);
    this.#first = first;
    for (const [number, text] of texts) this.#texts.set(number, text);
  }

  /** Throws for a text that never came: another one in its place would be somebody else's statement. */
  statement([number, values, must]: SentStatement): Statement {
    const text = this.#textOf(number);
    return must === undefined ? { text, values } : { text, values, must };
  }

  question({ text, values, texts }: SentQuestion): Question {
    return { text: this.#textOf(text), values, texts };
  }

  #textOf(number: number): string {
    const text = this.#texts.get(number);
    if (text === undefined) throw new Error(`the text ${number} of a statement is not there`);
    return text;
  }
}
