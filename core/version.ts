import { existsSync, readFileSync } from 'node:fs';

/** The version in the nearest package.json above this file: in the checkout and in the built package alike. */
const readVersion = (): string => {
  const candidates = ['../package.json', '../../package.json'].map((path) => new URL(path, import.meta.url));
  const file = candidates.find((url) => existsSync(url));
  return file ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : '0.0.0';
};

export const version = readVersion();
