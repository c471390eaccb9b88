import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const attempts = new Map<string, Promise<void>>();

/**
 * Lets plugins be imported from TypeScript: Node does so by itself from 22.18 on, and before that tsx does, where the
 * deployment's folder has it. Without either the import fails and says what to do.
 */
export const prepareTypeScript = (baseDir: string): Promise<void> => {
  const attempt = attempts.get(baseDir) ?? registerTsx(baseDir);
  attempts.set(baseDir, attempt);
  return attempt;
};

const registerTsx = async (baseDir: string): Promise<void> => {
  const inCheckout = existsSync(new URL('./typescript.ts', import.meta.url));
  if (inCheckout || (process.features as { typescript?: unknown }).typescript) return;
  const tsx = findTsx(baseDir);
  // It registers itself, as by `node --import tsx/esm`.
  if (tsx !== null) await import(pathToFileURL(tsx).href);
};

const findTsx = (baseDir: string): string | null => {
  try {
    return createRequire(join(baseDir, 'package.json')).resolve('tsx/esm');
  } catch {
    return null;
  }
};
