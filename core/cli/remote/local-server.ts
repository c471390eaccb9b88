import { existsSync } from 'node:fs';
import { loadConfig } from '../../config/load.ts';
import type { ServerOptions } from './server.ts';

const usualPort = 3000;
const localHosts = ['localhost', '127.0.0.1', '[::1]'];

/** What a command was told about the server; all of it may be absent. */
export interface GivenServer {
  readonly url?: string;
  readonly apiKey?: string;
}

/**
 * Which server a command talks to: the one that was given, or else the one that this config file describes. So a command works in the folder of
 * `waha init` without flags. The key of the file goes to that server alone.
 */
export const chooseServer = (given: GivenServer, configFile: string): ServerOptions => {
  if (given.url !== undefined && given.apiKey !== undefined) return { url: given.url, apiKey: given.apiKey };
  const { port, apiKey } = described(configFile);
  const url = given.url ?? `http://localhost:${port}`;
  const key = given.apiKey ?? (isThere(url, port) ? apiKey : undefined);
  return { url, ...(key === undefined ? {} : { apiKey: key }) };
};

/** The port and the plain key of a config file; a file that is not there or wrong says nothing. */
const described = (configFile: string): { readonly port: number; readonly apiKey: string | undefined } => {
  const port = Number(process.env['WHATSAPP_API_PORT'] ?? usualPort);
  if (!existsSync(configFile)) return { port, apiKey: undefined };
  try {
    const { plugins } = loadConfig(configFile).value;
    const config = plugins.find(({ use }) => use === 'express')?.config as Record<string, unknown> | undefined;
    const key = config?.['apiKey'];
    const isPlain = typeof key === 'string' && key !== '' && !key.startsWith('sha512:');
    return { port: Number(config?.['port'] ?? port), apiKey: isPlain ? key : undefined };
  } catch {
    return { port, apiKey: undefined };
  }
};

const isThere = (url: string, port: number): boolean => {
  const address = URL.canParse(url) ? new URL(url) : null;
  return address !== null && localHosts.includes(address.hostname) && Number(address.port || 80) === port;
};
