import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { loadConfig } from '../config/load.ts';

const usual = '.sessions';
const inFolders = ['lowdb', 'sqlite'];

/** Where the databases of a config file are, so that what is unpacked there is what the server opens. Throws when they are in several places. */
export const dataFolderOf = (configFile: string): string => {
  if (!existsSync(configFile)) return process.env['WAHA_LOCAL_STORE_BASE_DIR'] ?? usual;
  const plugins = loadConfig(configFile).value.plugins.filter(({ use }) => inFolders.includes(use));
  const named = plugins.map(({ config }) => String((config as { folder?: unknown } | undefined)?.folder ?? usual));
  const folders = [...new Set(named.map((folder) => resolve(dirname(configFile), folder)))];
  const [folder, another] = folders;
  if (another !== undefined)
    throw new Error(`${configFile} has its databases in ${folders.join(' and ')}: name the folder to unpack into`);
  return folder ?? usual;
};
