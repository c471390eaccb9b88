import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { configInvalid } from '../errors.ts';
import { version } from '../version.ts';
import { pluginFiles } from './plugin-template.ts';

const packageName = /^(?:@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9-]*$/;

/** `waha plugin new`: writes a package with a plugin, its test and a config to try it with. Never into a folder with files. */
export const newPlugin = (name: string, folder: string = name.replace(/^@[^/]+\//, '')): void => {
  if (!packageName.test(name)) {
    throw configInvalid(
      `'${name}' is no name for a plugin: small letters, digits and "-", such as my-plugin or @me/my-plugin`,
    );
  }
  const target = resolve(folder);
  if (existsSync(target) && readdirSync(target).length > 0) throw configInvalid(`the folder ${folder} is not empty`);
  for (const [path, text] of Object.entries(pluginFiles(name, version))) {
    const file = join(target, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  console.log(`wrote ${folder}; next:\n  cd ${folder}\n  npm install\n  npm test\n  npx waha dev`);
};
