import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { configInvalid, type PluginStorage, pluginFailed } from 'waha-runtime';

/** Encrypts secrets for the disk (AES-256-GCM); a text for each, bound to the id it is for. */
export class Sealing {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    this.#key = key;
  }

  seal(secret: string, id: string): string {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv).setAAD(Buffer.from(id));
    const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  /** Throws for what was sealed with another key, or for another id. */
  open(sealed: string, id: string): string {
    const bytes = Buffer.from(sealed, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, 12)).setAAD(Buffer.from(id));
    decipher.setAuthTag(bytes.subarray(12, 28));
    return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
  }
}

interface SealingOptions {
  readonly plugin: string;
  readonly encryptionKey: string | undefined;
  readonly file: string;
  readonly baseDir: string;
  readonly storage: PluginStorage;
}

/** Something sealed with the key of the first start: whether today's is the same. */
const canary = 'canary';

/** Throws when what is stored was encrypted with another key: nobody could read it, and nothing would say so. */
export const openSealing = async (options: SealingOptions): Promise<Sealing> => {
  const { storage, plugin, encryptionKey, file } = options;
  const known = await storage.get<string>(canary);
  const sealing = new Sealing(masterKey(options, known !== undefined));
  if (known === undefined) await storage.set(canary, sealing.seal(canary, canary));
  else if (!opens(sealing, known)) {
    const what = encryptionKey ? 'encryptionKey' : `the key in ${file}`;
    throw pluginFailed(plugin, `cannot read its keys: ${what} is not the one that they were encrypted with`);
  }
  return sealing;
};

const opens = (sealing: Sealing, sealed: string): boolean => {
  try {
    return sealing.open(sealed, canary) === canary;
  } catch {
    return false;
  }
};

const masterKey = ({ encryptionKey, file, baseDir }: SealingOptions, isUsed: boolean): Buffer => {
  // A text that people choose is short; this makes guessing it slow. The salt is no secret.
  if (encryptionKey) return scryptSync(encryptionKey, 'waha-runtime/keys', 32);
  const path = resolve(baseDir, file);
  const kept = readIfThere(path);
  if (kept) return kept;
  if (isUsed) throw configInvalid(`file: ${path} is gone, and the stored keys are encrypted with what was in it`);
  const made = randomBytes(32);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, `${made.toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true });
  return made;
};

const readIfThere = (path: string): Buffer | null => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw configInvalid(`file: ${path} cannot be read: ${(error as Error).message}`);
  }
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== 32) throw configInvalid(`file: ${path} holds no key of 32 bytes in base64`);
  return key;
};
