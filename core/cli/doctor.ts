import { existsSync, statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { LoadedConfig } from '../config/schema.ts';
import type { SessionInfo } from '../contracts/session.ts';
import { isRuntimeError, sentence } from '../errors.ts';
import type { Builtins } from '../host/resolve.ts';
import { version } from '../version.ts';
import { plan } from './check.ts';
import type { Server } from './remote/server.ts';

export interface DoctorOptions {
  readonly configFile: string;
  readonly builtins: Builtins;
  readonly server: Server;
  /** Where WhatsApp is asked; its own page when absent. */
  readonly whatsApp?: string;
}

interface Finding {
  readonly grade: 'ok' | 'warning' | 'fault';
  readonly what: string;
}

const ok = (what: string): Finding => ({ grade: 'ok', what });
const warning = (what: string): Finding => ({ grade: 'warning', what });
const fault = (what: string): Finding => ({ grade: 'fault', what });

const signs = { ok: 'ok      ', warning: 'warning ', fault: 'FAULT   ' } as const;
const timeoutMs = 10_000;
const megabyte = 1024 * 1024;

/** `waha doctor`: looks at everything that has to be right, and says of each thing whether it is. Exit code 1 with a fault. */
export const doctor = async (options: DoctorOptions): Promise<number> => {
  let faults = 0;
  const say = ({ grade, what }: Finding): void => {
    if (grade === 'fault') faults += 1;
    console.log(signs[grade] + what);
  };
  say(versions());
  const config = await readConfig(options, say);
  say(diskBelow(config?.baseDir ?? process.cwd()));
  for (const finding of await whatsApp(options, config)) say(finding);
  const sessions = await serverState(options.server, say);
  const urls = new Set([...(config ? configured(config) : []), ...sessions.flatMap(webhooksOf)]);
  for (const finding of await Promise.all([...urls].map(endpoint))) say(finding);
  return faults > 0 ? 1 : 0;
};

const versions = (): Finding => {
  const baileys = createRequire(import.meta.url)('@whiskeysockets/baileys/package.json') as { version: string };
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const text = `waha-runtime ${version}, Node ${process.versions.node}, Baileys ${baileys.version}`;
  return major > 20 || (major === 20 && minor >= 19) ? ok(text) : fault(`${text}: Node 20.19 or newer is needed`);
};

const readConfig = async (
  { configFile, builtins }: DoctorOptions,
  say: (finding: Finding) => void,
): Promise<LoadedConfig | null> => {
  if (!existsSync(configFile)) {
    say(warning(`there is no ${configFile} here; \`waha init\` writes one`));
    return null;
  }
  try {
    const { config, order } = await plan({ configFile, builtins });
    say(ok(`${configFile} is valid: ${order.length} plugins, ${config.value.sessions.length} sessions`));
    return config;
  } catch (error) {
    const lines = isRuntimeError(error) && error.details.violations ? error.details.violations : [sentence(error)];
    for (const line of lines) say(fault(line));
    return null;
  }
};

const diskBelow = (folder: string): Finding => {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const text = `${Math.round(free / megabyte)} MB are free in ${folder}`;
  return free < 100 * megabyte ? fault(text) : free < 1024 * megabyte ? warning(text) : ok(text);
};

/** Whether WhatsApp answers, and whether its clock is ours: its messages carry the time, and keys are valid for a while. */
const whatsApp = async ({ whatsApp: address }: DoctorOptions, config: LoadedConfig | null): Promise<Finding[]> => {
  if (config?.value.plugins.some(({ use }) => use === 'sandbox')) return [ok('WhatsApp is a sandbox on this machine')];
  const url = address ?? 'https://web.whatsapp.com';
  try {
    const began = Date.now();
    const { headers } = await ask(url);
    const took = Date.now() - began;
    const skew = Math.round((Date.parse(headers.date ?? '') - began) / 1000);
    const reached = ok(`${url} answers within ${took} ms`);
    if (Number.isNaN(skew)) return [reached];
    const clock = `the clock differs from WhatsApp's by ${Math.abs(skew)} s`;
    return [reached, Math.abs(skew) > 60 ? fault(`${clock}: set it, for example by NTP`) : ok(clock)];
  } catch (error) {
    return [fault(`${url} cannot be reached: ${reasonOf(error)}`)];
  }
};

const serverState = async (server: Server, say: (finding: Finding) => void): Promise<SessionInfo[]> => {
  try {
    const sessions = await server.get<SessionInfo[]>('/api/sessions?all=true');
    const failed = sessions.filter(({ status }) => status === 'FAILED').map(({ name }) => name);
    const text = `${server.url} runs with ${sessions.length} sessions`;
    say(failed.length > 0 ? warning(`${text}, of which have failed: ${failed.join(', ')}`) : ok(text));
    return sessions;
  } catch (error) {
    say(warning(sentence(error)));
    return [];
  }
};

/** Global webhooks of the YAML. */
const configured = ({ value }: LoadedConfig): string[] =>
  value.plugins
    .filter(({ use }) => use === 'webhook')
    .flatMap(({ config }) => (config as { url?: unknown } | undefined)?.url ?? [])
    .filter((url): url is string => typeof url === 'string' && /^https?:/i.test(url));

const webhooksOf = ({ config }: SessionInfo): string[] => (config.webhooks ?? []).map(({ url }) => url);

/** Whatever it answers to a question that is no event, it answers. */
const endpoint = async (url: string): Promise<Finding> => {
  const { origin, pathname } = new URL(url);
  try {
    const { statusCode } = await ask(url, 'HEAD');
    const text = `the webhook at ${origin}${pathname} answers (${statusCode} to HEAD)`;
    return statusCode >= 500 ? warning(text) : ok(text);
  } catch (error) {
    return fault(`the webhook at ${origin}${pathname} does not answer: ${reasonOf(error)}`);
  }
};

const ask = async (url: string, method: 'GET' | 'HEAD' = 'GET') => {
  const { got } = await import('got');
  const options = { method, throwHttpErrors: false, retry: { limit: 0 }, timeout: { request: timeoutMs } } as const;
  return got(url, { ...options, followRedirect: false });
};

const reasonOf = (error: unknown): string => (error as { code?: string }).code ?? sentence(error);
