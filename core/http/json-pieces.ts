/** Signs of JSON that are made in one turn of the event loop: some milliseconds. */
const SLICE = 256 * 1024;
/** A list or an object with fewer entries than this is written in one go. */
const FEW = 16;
/** So many short entries are written in one go. */
const TOGETHER = 16;

/**
 * The JSON of a value as `JSON.stringify` would write it, in pieces of about a quarter of a megabyte: whoever sends it can let others
 * have their turn between two of them. Lists and objects with many entries are taken apart, down to lists within the entries of a list.
 */
export function* jsonPieces(value: unknown): Generator<string> {
  let piece = '';
  for (const text of textsOf(value, 0)) {
    piece += text;
    if (piece.length < SLICE) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

/** A page of an answer is a list in an object; the entries of a list may have long lists, too. Nothing is longer than these. */
const deepest = 4;

function* textsOf(value: unknown, depth: number): Generator<string> {
  if (!isLong(value, depth)) yield JSON.stringify(value) ?? 'null';
  else if (Array.isArray(value)) yield* listTexts(value, depth + 1);
  else yield* objectTexts(value, depth + 1);
}

function* listTexts(list: readonly unknown[], depth: number): Generator<string> {
  yield '[';
  for (const { from, to, isAlone } of runsOf(list, depth)) {
    if (from > 0) yield ',';
    if (isAlone) yield* textsOf(list[from], depth);
    else yield JSON.stringify(list.slice(from, to)).slice(1, -1);
  }
  yield ']';
}

function* objectTexts(object: object, depth: number): Generator<string> {
  const entries = Object.entries(object).filter(([, value]) => hasText(value));
  const values = entries.map(([, value]) => value);
  yield '{';
  for (const { from, to, isAlone } of runsOf(values, depth)) {
    if (from > 0) yield ',';
    if (isAlone) {
      yield `${JSON.stringify(entries[from]?.[0])}:`;
      yield* textsOf(values[from], depth);
    } else yield JSON.stringify(Object.fromEntries(entries.slice(from, to))).slice(1, -1);
  }
  yield '}';
}

/** Whether it is written at all, as an entry of an object. */
const hasText = (value: unknown): boolean => !['undefined', 'function', 'symbol'].includes(typeof value);

/** Entries that are written together: a long one alone, and short ones in runs, as each call has its cost. */
function* runsOf(values: readonly unknown[], depth: number) {
  let from = 0;
  for (const [at, value] of values.entries()) {
    const isAlone = isLong(value, depth);
    if (at > from && (isAlone || at - from >= TOGETHER)) {
      yield { from, to: at, isAlone: false };
      from = at;
    }
    if (!isAlone) continue;
    yield { from: at, to: at + 1, isAlone };
    from = at + 1;
  }
  if (from < values.length) yield { from, to: values.length, isAlone: false };
}

/** Whether `jsonPieces` takes it apart. What writes itself (`toJSON`), such as a date, is left whole. */
export const isLong = (value: unknown, depth = 0): value is object => {
  if (typeof value !== 'object' || value === null || depth >= deepest) return false;
  if ('toJSON' in value) return false;
  if (Array.isArray(value)) return value.length > FEW || value.some((item) => isLong(item, depth + 1));
  const values = Object.values(value);
  return values.length > FEW || values.some((item) => isLong(item, depth + 1));
};
