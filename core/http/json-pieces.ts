/** Signs of JSON that are made in one turn of the event loop: some milliseconds. */
const SLICE = 256 * 1024;
/** A list or an object with fewer entries than this is written in one go. */
const FEW = 16;

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
  else if (Array.isArray(value)) yield* listTexts(value, depth);
  else yield* objectTexts(value, depth);
}

function* listTexts(list: readonly unknown[], depth: number): Generator<string> {
  let before = '[';
  for (const item of list) {
    yield before;
    yield* textsOf(item, depth + 1);
    before = ',';
  }
  yield ']';
}

function* objectTexts(object: object, depth: number): Generator<string> {
  let before = '{';
  for (const [name, value] of Object.entries(object)) {
    if (value === undefined || typeof value === 'function' || typeof value === 'symbol') continue;
    yield `${before}${JSON.stringify(name)}:`;
    yield* textsOf(value, depth + 1);
    before = ',';
  }
  yield before === '{' ? '{}' : '}';
}

/** Whether `jsonPieces` takes it apart. What writes itself (`toJSON`), such as a date, is left whole. */
export const isLong = (value: unknown, depth = 0): value is object => {
  if (typeof value !== 'object' || value === null || depth >= deepest) return false;
  if ('toJSON' in value) return false;
  if (Array.isArray(value)) return value.length > FEW || value.some((item) => isLong(item, depth + 1));
  const values = Object.values(value);
  return values.length > FEW || values.some((item) => isLong(item, depth + 1));
};
