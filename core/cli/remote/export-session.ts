import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Builtins } from '../../host/resolve.ts';
import { unpackBundle } from '../../stores/bundle.ts';
import type { Server } from './server.ts';

export interface ExportOptions {
  readonly server: Server;
  readonly builtins: Builtins;
  readonly name: string;
  /** Where to; the session's name when absent. */
  readonly out?: string;
  /** Encrypts the file. */
  readonly passphrase?: string;
  /** As files of Baileys' `useMultiFileAuthState`, which WAHA reads, too: never encrypted. */
  readonly folder?: string;
  /** Stop it first. */
  readonly stop?: boolean;
}

interface FileNames {
  foreign(): Promise<{ fileOfKey(type: string, id: string): string }>;
}
interface Account {
  readonly creds: unknown;
  readonly keys: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const secret = { mode: 0o600, flag: 'wx' } as const;

/** `waha export`: a stopped session with its account, for another server. Resolves with the exit code. */
export const exportSession = async (options: ExportOptions): Promise<number> => {
  const { server, name, passphrase, folder } = options;
  const path = `/api/sessions/${encodeURIComponent(name)}`;
  if (options.stop) await server.post(`${path}/stop`);
  if (folder !== undefined) return exportFolder(options, folder, path);
  if (passphrase === undefined)
    throw new Error('a passphrase is needed: --passphrase, or the variable WAHA_PASSPHRASE');
  const bytes = await server.bytes(`${path}/export`, { passphrase });
  const file = options.out ?? `${name}.waha-session`;
  writeFileSync(file, bytes, secret);
  console.log(`${file} holds '${name}' with its account; do not start it here again once another server has it`);
  return 0;
};

const exportFolder = async ({ server, builtins, name }: ExportOptions, folder: string, path: string) => {
  const engine = (await builtins['baileys']?.()) as Partial<FileNames> | undefined;
  const { fileOfKey } = (await engine?.foreign?.()) ?? {};
  if (!fileOfKey) throw new Error('this build has no engine that hands sessions over');
  const { account } = await unpackBundle(await server.bytes(`${path}/export`, {}));
  const { creds, keys } = account as Account;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = (file: string, value: unknown) => writeFileSync(join(folder, file), JSON.stringify(value), secret);
  write('creds.json', creds);
  for (const [type, values] of Object.entries(keys)) {
    for (const [id, value] of Object.entries(values)) write(fileOfKey(type, id), value);
  }
  console.log(`${folder} holds '${name}' as Baileys' files; do not start it here again once another server has it`);
  return 0;
};
