import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** What placeholders are read from. */
export interface PlaceholderSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where relative paths of `${file:…}` start. */
  readonly baseDir: string;
}

/** A text after its placeholders were filled in. */
export interface Filled {
  readonly text: string;
  /** The placeholders' names, such as `PORT` or `file:/run/secrets/key`; empty when there are none. */
  readonly names: readonly string[];
  /** The whole text is one placeholder. */
  readonly exact: boolean;
}

/** A placeholder that cannot be filled in. The message names it and never quotes a value. */
export class PlaceholderFault extends Error {}

/**
 * Fills in `${NAME}`, `${NAME:-default}` and `${file:path}`; a default may hold placeholders in turn, and `$${`
 * stands for `${` itself. As in a shell's `:-`, an empty variable counts as not set.
 */
export const fillPlaceholders = (text: string, sources: PlaceholderSources): Filled =>
  text.includes('${') ? new Filler(text, sources).fill() : { text, names: [], exact: false };

const variablePattern = /^[A-Za-z_][A-Za-z0-9_]*$/;
const forms = `a placeholder must be \${NAME}, \${NAME:-default} or \${file:path}`;
const maxDepth = 20;

class Filler {
  readonly #names: string[] = [];
  #at = 0;

  constructor(
    private readonly source: string,
    private readonly sources: PlaceholderSources,
  ) {}

  fill(): Filled {
    const text = this.#until('', 0, true);
    const exact = this.#pieces === 1 && !this.#literal;
    return { text, names: [...new Set(this.#names)], exact };
  }

  #pieces = 0;
  #literal = false;

  /** Reads up to `end` (or the text's own end), filling in what stands in between unless it is not `wanted`. */
  #until(end: '' | '}', depth: number, wanted: boolean): string {
    if (depth > maxDepth) throw new PlaceholderFault('placeholders are nested too deeply');
    let out = '';
    while (this.#at < this.source.length) {
      if (this.source.startsWith('$${', this.#at)) {
        out += this.#take(3).slice(1);
        if (depth === 0) this.#literal = true;
      } else if (this.source.startsWith('${', this.#at)) {
        this.#take(2);
        if (depth === 0) this.#pieces += 1;
        out += this.#placeholder(depth + 1, wanted);
      } else if (end !== '' && this.source[this.#at] === end) {
        return out;
      } else {
        out += this.#take(1);
        if (depth === 0) this.#literal = true;
      }
    }
    if (end !== '') throw new PlaceholderFault(`a placeholder '\${' has no '}'; write $\${ for the text itself`);
    return out;
  }

  #placeholder(depth: number, wanted: boolean): string {
    if (this.source.startsWith('file:', this.#at)) return this.#file(depth, wanted);
    const name = /^[^}$:]*/.exec(this.source.slice(this.#at))?.[0] ?? '';
    this.#take(name.length);
    if (!variablePattern.test(name)) {
      throw new PlaceholderFault(`${forms}; write $\${ for the text itself`);
    }
    if (wanted) this.#names.push(name);
    const value = this.sources.env[name] || undefined;
    if (this.source.startsWith(':-', this.#at)) return this.#default(value, depth, wanted);
    this.#close();
    if (value === undefined && wanted) {
      throw new PlaceholderFault(`the environment variable ${name} is not set, and \${${name}} has no default`);
    }
    return value ?? '';
  }

  /** A default that is not needed is still read for its end, but nothing in it has to be there. */
  #default(value: string | undefined, depth: number, wanted: boolean): string {
    this.#take(2);
    const fallback = this.#until('}', depth, wanted && value === undefined);
    this.#close();
    return value ?? fallback;
  }

  #file(depth: number, wanted: boolean): string {
    this.#take('file:'.length);
    const path = this.#until('}', depth, wanted);
    this.#close();
    if (!wanted) return '';
    this.#names.push(`file:${path}`);
    return readSecret(resolve(this.sources.baseDir, path), path);
  }

  #close(): void {
    if (this.#take(1) !== '}') {
      throw new PlaceholderFault(forms);
    }
  }

  #take(count: number): string {
    const taken = this.source.slice(this.#at, this.#at + count);
    this.#at += count;
    return taken;
  }
}

const readSecret = (file: string, shown: string): string => {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'does not exist' : code === 'EISDIR' ? 'is a folder' : `cannot be read (${code})`;
    throw new PlaceholderFault(`the file ${shown} of \${file:…} ${why}`);
  }
};
