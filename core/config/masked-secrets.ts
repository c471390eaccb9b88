import type { TSchema } from '../contracts/schema.ts';
import { SessionConfig } from '../contracts/session-config.ts';
import { badRequest } from '../errors.ts';

/** Stands for a secret in answers. Put back, it means: as it is. */
export const secretMask = '********';

interface SchemaNode {
  readonly anyOf?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly 'x-secret'?: boolean;
}
type Path = readonly (string | number)[];
/** Gives what stands in the place of a secret, or of an address that may hold one. `before` is what was there. */
type Replace = (text: string, before: unknown, path: Path) => string;

const schemaOfConfig = SessionConfig as unknown as SchemaNode;
const masked = new WeakMap<SessionConfig, SessionConfig>();

/** The config as answers show it: every secret is `secretMask`, also the password in a proxy's URL. */
export const maskSecrets = (config: SessionConfig): SessionConfig => {
  const known = masked.get(config);
  if (known) return known;
  const shown = replaced(schemaOfConfig, config, undefined, [], (text, _, path) =>
    isProxyUrl(path) ? maskLogin(text) : secretMask,
  ) as SessionConfig;
  masked.set(config, shown);
  return shown;
};

/**
 * The config as it was meant: a mask that somebody puts back stands for what was there before. The secrets of a webhook are found
 * by its URL, those of a header by its name. Throws `BAD_REQUEST` for a mask of nothing.
 */
export const keepSecrets = (config: SessionConfig, before: SessionConfig): SessionConfig =>
  replaced(schemaOfConfig, config, before, [], (text, was, path) => {
    const isMask = isProxyUrl(path) ? text.includes(`:${secretMask}@`) : text === secretMask;
    if (!isMask) return text;
    const fits = typeof was === 'string' && (!isProxyUrl(path) || maskLogin(was) === text);
    if (fits) return was;
    throw badRequest(`config.${path.join('.')}: '${secretMask}' stands for a secret that is kept, and there is none`);
  }) as SessionConfig;

/** A value of another schema as answers show it: whatever `secret()` marks is `secretMask`. */
export const maskBy = <T>(schema: TSchema, value: T): T =>
  replaced(schema as SchemaNode, value, undefined, ['config'], () => secretMask) as T;

/**
 * A value of another schema as it was meant: a mask stands for what was there before. `field` names the value in errors. Throws
 * `BAD_REQUEST` for a mask of nothing.
 */
export const keepMasked = <T>(schema: TSchema, value: T, before: unknown, field: string): T =>
  replaced(schema as SchemaNode, value, before, [field], (text, was, path) => {
    if (text !== secretMask) return text;
    if (typeof was === 'string') return was;
    throw badRequest(`${path.join('.')}: '${secretMask}' stands for a secret that is kept, and there is none`);
  }) as T;

const isProxyUrl = (path: Path): boolean => path.length === 2 && path[0] === 'proxy' && path[1] === 'server';

/** Hides the password of `scheme://user:password@host`. */
const maskLogin = (server: string): string => {
  const scheme = server.indexOf('://');
  const from = scheme < 0 ? 0 : scheme + 3;
  const at = server.lastIndexOf('@');
  const colon = server.indexOf(':', from);
  return at < 0 || colon < 0 || colon > at ? server : `${server.slice(0, colon)}:${secretMask}${server.slice(at)}`;
};

/** A copy in which every secret is replaced; what holds none is the same object. */
const replaced = (schema: SchemaNode, value: unknown, before: unknown, path: Path, replace: Replace): unknown => {
  if (schema.anyOf) return schema.anyOf.reduce((text, one) => replaced(one, text, before, path, replace), value);
  if (typeof value === 'string') {
    return schema['x-secret'] || isProxyUrl(path) ? replace(value, before, path) : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const { items, properties } = schema;
  if (Array.isArray(value)) {
    if (!items) return value;
    const twins = twinsOf(value, before);
    return value.map((one, index) => replaced(items, one, twins[index], [...path, index], replace));
  }
  if (!properties) return value;
  const was = (typeof before === 'object' && before !== null ? before : {}) as Readonly<Record<string, unknown>>;
  const fields = Object.entries(value).map(([name, field]) => {
    const inner = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return [name, inner ? replaced(inner, field, was[name], [...path, name], replace) : field];
  });
  return Object.fromEntries(fields);
};

/** For each entry of a list the one that it was before: of the same URL or name, the first with the first and so on. */
const twinsOf = (list: readonly unknown[], before: unknown): unknown[] => {
  const left = Array.isArray(before) ? [...before] : [];
  return list.map((one) => {
    const index = left.findIndex((other) => identityOf(other) === identityOf(one));
    return index < 0 ? undefined : left.splice(index, 1)[0];
  });
};

const identityOf = (entry: unknown): unknown => {
  const { url, name } = (entry ?? {}) as { readonly url?: unknown; readonly name?: unknown };
  return typeof url === 'string' ? url : typeof name === 'string' ? name.toLowerCase() : entry;
};
