/** True for what SQLite says of a file whose pages do not fit together. */
export const isDamage = (error: unknown): boolean => {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' && /^SQLITE_(?:CORRUPT|NOTADB)/.test(code);
};

/** What to do about it. SQLite's own shell writes what can still be read into a new file. */
export const damaged = (path: string): string =>
  `${path} is damaged: stop the server and put the file back from a backup, or save what can be read with ` +
  `sqlite3 "${path}" .recover | sqlite3 "${path}.recovered", and put that in its place`;
