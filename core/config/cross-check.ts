import type { LoadedConfig } from './schema.ts';

/** What no schema can say: names that are there twice. One line per fault. */
export const crossCheck = (config: LoadedConfig): string[] => [...doubledSessions(config), ...doubledPlugins(config)];

const doubledSessions = ({ value, where }: LoadedConfig): string[] =>
  doubles(value.sessions.map(({ name }) => name)).map(
    ({ index, name }) => `${where(['sessions', index])}: sessions: the session '${name}' is there twice`,
  );

const doubledPlugins = ({ value, where }: LoadedConfig): string[] =>
  doubles(value.plugins.map(({ use, as }) => as ?? use)).map(
    ({ index, name }) =>
      `${where(['plugins', index])}: plugins: there are two plugins named '${name}'; give one of them another name by 'as:'`,
  );

const doubles = (names: readonly string[]): { index: number; name: string }[] =>
  names.flatMap((name, index) => (names.indexOf(name) < index ? [{ index, name }] : []));
