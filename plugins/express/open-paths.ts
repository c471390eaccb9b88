/** Whether a path is one of those that need no key: `health`, `api/files/*`; WAHA writes the star as `(.*)`. */
export const openPaths = (paths: readonly string[]): ((path: string) => boolean) => {
  const patterns = paths.map((path) => trimmed(path).split(/\(\.\*\)|\*/));
  return (path) => patterns.some((literals) => fits(literals, trimmed(path)));
};

/** Without the slashes around it. */
const trimmed = (path: string): string => {
  let start = 0;
  let end = path.length;
  while (path[start] === '/') start++;
  while (end > start && path[end - 1] === '/') end--;
  return path.slice(start, end);
};

/** The literals in order, with anything between them: one pass, however many stars there are. */
const fits = (literals: readonly string[], path: string): boolean => {
  const [first = '', ...rest] = literals;
  const last = rest.pop();
  if (last === undefined) return path === first;
  if (!path.startsWith(first) || !path.endsWith(last) || path.length < first.length + last.length) return false;
  let at = first.length;
  for (const literal of rest) {
    const found = path.indexOf(literal, at);
    if (found < 0) return false;
    at = found + literal.length;
  }
  return at <= path.length - last.length;
};
