import { existsSync } from 'node:fs';
import { join, normalize, sep } from 'node:path';
import { packageFolder } from '../config/package-folder.ts';

/**
 * The config file that is meant: the given one, or else the one of this name that comes with the package, so that `--config configs/sandbox.yaml`
 * works in any folder.
 */
export const findConfig = (given: string): string => {
  const isPackaged = normalize(given).startsWith(`configs${sep}`);
  const packaged = join(packageFolder, given);
  return isPackaged && !existsSync(given) && existsSync(packaged) ? packaged : given;
};
