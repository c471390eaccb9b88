import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { editorSchema } from '../config/json-schema.ts';
import { type Builtins, resolvePlugin } from '../host/resolve.ts';

/** The text of `configs/schema.json`: the YAML file's schema, with the config of every built-in plugin. */
export const schemaText = async (builtins: Builtins): Promise<string> => {
  const known = await Promise.all(
    Object.keys(builtins).map(async (use) => {
      const { plugin } = await resolvePlugin(use, { baseDir: '.', builtins });
      return { use, plugin };
    }),
  );
  return `${JSON.stringify(editorSchema(known), null, 2)}\n`;
};

/** `waha schema`: writes the file; `-` is standard output. */
export const writeSchema = async (out: string, builtins: Builtins): Promise<void> => {
  const text = await schemaText(builtins);
  if (out === '-') {
    process.stdout.write(text);
    return;
  }
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, text);
  console.log(`wrote ${out}`);
};
