import mustache from 'mustache';
import { didYouMean, sentence, unprocessable } from 'waha-runtime';
import type { ChatwootConfig } from '../config.ts';
import { english, type TextName } from './english.ts';
import { locales } from './locales.ts';

const maxText = 100_000;

/** The texts of an app: its own templates, else those of its locale, else English. */
export class Texts {
  /** A language tag. */
  readonly locale: string;
  readonly #templates: Readonly<Record<string, string>>;

  constructor({ locale = 'en-US', templates = {} }: Pick<ChatwootConfig, 'locale' | 'templates'>) {
    this.locale = locale;
    this.#templates = { ...english, ...locales[locale], ...templates };
  }

  of(name: TextName, values: object = {}): string {
    const text = mustache.render(this.#templates[name] ?? english[name], values);
    return text.trim().slice(0, maxText);
  }
}

/** Throws `UNPROCESSABLE` for a locale or the name of a template that there is not, and for a template that cannot be read. */
export const checkTexts = ({ locale = 'en-US', templates = {} }: ChatwootConfig): void => {
  const known = Object.keys(locales);
  if (!known.includes(locale)) {
    throw unprocessable(`config.locale: there is no '${locale}'; there are ${known.join(', ')}`);
  }
  for (const [name, template] of Object.entries(templates)) {
    const field = `config.templates.${name}`;
    if (!Object.hasOwn(english, name)) {
      throw unprocessable(`${field}: there is no such text${didYouMean(name, Object.keys(english))}`);
    }
    try {
      mustache.parse(template);
    } catch (error) {
      throw unprocessable(`${field}: ${sentence(error)}`);
    }
  }
};
