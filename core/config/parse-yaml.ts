import {
  Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseDocument,
  type YAMLError,
} from 'yaml';
import { configInvalid, sentence } from '../errors.ts';

/** A path inside a config: `['plugins', 0, 'use']`. */
export type ConfigPath = readonly (string | number)[];

/** One string for one path, as a map's key. */
export const pathKey = (path: ConfigPath): string => path.map(String).join('\0');

/** What became of one string of the YAML. */
export type ScalarResult = { readonly value: unknown } | 'omitted';

/** Turns a string of the YAML into its value; `where` is `file:line`. Faults are collected by whoever passes it. */
export type ReadString = (text: string, path: ConfigPath, where: string) => ScalarResult;

/** A YAML document as plain values, and the line of every path in it. */
export interface ParsedYaml {
  readonly value: unknown;
  readonly lines: ReadonlyMap<string, number>;
}

const maxNodes = 100_000;
const maxDepth = 100;

/**
 * Parses one YAML document. Throws `CONFIG_INVALID` with `file:line:column` and one sentence for broken syntax.
 * Messages never quote the text, it may hold secrets.
 */
export const parseYaml = (text: string, file: string, readString: ReadString): ParsedYaml => {
  const counter = new LineCounter();
  const position = (offset: number): string => {
    const { line, col } = counter.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const document = parseSafely(text, file, counter);
  const faults = syntaxFaults([...document.errors, ...document.warnings], text, position);
  if (faults.length > 0) throw configInvalid(...faults);
  // An alias is a `*`; making the whole value to count them takes a while.
  if (text.includes('*')) limitAliases(document, file);
  if (document.contents === null) throw configInvalid(`${file}: the file is empty`);
  if (!isMap(document.contents)) {
    throw configInvalid(`${position(document.contents.range[0])}: the file must hold keys such as 'plugins:'`);
  }
  return new TreeReader(document, file, counter, readString).read();
};

type ParsedDocument = Document.Parsed<ParsedNode>;

const parseSafely = (text: string, file: string, lineCounter: LineCounter): ParsedDocument => {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false, stringKeys: true, resolveKnownTags: false });
  } catch (cause) {
    if (cause instanceof RangeError) throw configInvalid(`${file}: the YAML is nested too deeply`);
    throw configInvalid(`${file}: the YAML cannot be read: ${sentence(cause)}`);
  }
};

/** The first fault; the ones after it mostly follow from it. Duplicate keys are independent, so all are told. */
const syntaxFaults = (errors: readonly YAMLError[], text: string, position: (offset: number) => string): string[] => {
  const first = errors.find(({ code }) => code !== 'DUPLICATE_KEY');
  const told = first ? [first] : errors;
  return told.map((error) => `${position(error.pos[0])}: ${syntaxSentence(error, text)}`);
};

const syntaxSentence = ({ code, message, pos }: YAMLError, text: string): string => {
  const plain = message.split(': "', 1)[0] ?? '';
  if (code === 'DUPLICATE_KEY') return `the key ${/^[^\s:]*/.exec(text.slice(pos[0]))?.[0] ?? ''} is there twice`;
  if (code === 'TAB_AS_INDENT') return 'a tab cannot be used for indentation; use spaces';
  if (code === 'MULTIPLE_DOCS') return 'there is a second document (---); a config is one document';
  if (code === 'TAG_RESOLVE_FAILED') return 'YAML tags (!…) have no meaning here';
  if (code === 'NON_STRING_KEY') return 'a key must be plain text';
  if (code === 'BLOCK_AS_IMPLICIT_KEY') return "broken YAML: a value with ': ' in it needs quotes";
  if (code === 'BAD_SCALAR_START') return `broken YAML: ${lowerFirst(plain)}; put the value in quotes`;
  if (code === 'MULTILINE_IMPLICIT_KEY') return "broken YAML: a key and its ':' must be on one line";
  return `broken YAML: ${lowerFirst(plain)}`;
};

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** The library counts what aliases would expand to; it has the last word on bombs. */
const limitAliases = (document: ParsedDocument, file: string): void => {
  try {
    document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    const unknown = /^Unresolved alias[^:]*: (.*)$/.exec(sentence(cause));
    throw configInvalid(
      unknown ? `${file}: the alias *${unknown[1]} has no anchor before it` : `${file}: too many YAML aliases`,
    );
  }
};

/** Walks the nodes once, so that every value knows its line, and its path stays right when a value is left out. */
class TreeReader {
  readonly #lines = new Map<string, number>();
  #nodes = 0;

  constructor(
    private readonly document: ParsedDocument,
    private readonly file: string,
    private readonly counter: LineCounter,
    private readonly readString: ReadString,
  ) {}

  read(): ParsedYaml {
    const result = this.#read(this.document.contents, []);
    return { value: result === 'omitted' ? {} : result.value, lines: this.#lines };
  }

  #read(node: unknown, path: ConfigPath): ScalarResult {
    this.#nodes += 1;
    if (this.#nodes > maxNodes || path.length > maxDepth) {
      throw configInvalid(`${this.file}: the YAML is nested too deeply, or its aliases expand to too much`);
    }
    const line = this.#lineOf(node);
    if (line !== null && !this.#lines.has(pathKey(path))) this.#lines.set(pathKey(path), line);
    if (isAlias(node)) return this.#read(this.#target(node), path);
    if (isMap(node)) return { value: this.#readMap(node.items, path) };
    if (isSeq(node)) return { value: this.#readList(node.items, path) };
    const value = isScalar(node) ? node.value : null;
    if (typeof value !== 'string') return { value };
    return this.readString(value, path, `${this.file}:${this.#lines.get(pathKey(path)) ?? 1}`);
  }

  #target(alias: Alias): unknown {
    return alias.resolve(this.document);
  }

  #readMap(items: readonly { key: unknown; value: unknown }[], path: ConfigPath): Record<string, unknown> {
    const entries: [string, unknown][] = [];
    for (const { key, value } of items) {
      const name = isScalar(key) ? String(key.value) : String(key);
      const line = this.#lineOf(key);
      if (line !== null) this.#lines.set(pathKey([...path, name]), line);
      const result = this.#read(value, [...path, name]);
      if (result !== 'omitted') entries.push([name, result.value]);
    }
    return Object.fromEntries(entries);
  }

  #readList(items: readonly unknown[], path: ConfigPath): unknown[] {
    const values: unknown[] = [];
    for (const item of items) {
      this.#lines.delete(pathKey([...path, values.length]));
      const result = this.#read(item, [...path, values.length]);
      if (result !== 'omitted') values.push(result.value);
    }
    return values;
  }

  #lineOf(node: unknown): number | null {
    const range = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : null;
    return range ? this.counter.linePos(range[0]).line : null;
  }
}
