import type { Origins } from './fit-types.ts';

/**
 * `sessions:` takes bare names, too: `[sales, support]`, or `sales,support` out of an environment variable.
 * Each becomes `{ name }`.
 */
export const expandSessions = (config: unknown, origins: Origins): unknown => {
  if (typeof config !== 'object' || config === null || !('sessions' in config)) return config;
  const { sessions } = config;
  const listed = typeof sessions === 'string' && origins.has('sessions') ? splitNames(sessions) : sessions;
  if (!Array.isArray(listed)) return { ...config, sessions: listed };
  return { ...config, sessions: listed.map((item) => (typeof item === 'string' ? { name: item } : item)) };
};

const splitNames = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
