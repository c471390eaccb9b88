import { badRequest, compile, SessionConfig } from 'waha-runtime';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A JSON merge patch (RFC 7396). Neither value is changed. */
export const mergePatch = (target: unknown, patch: unknown): unknown => {
  if (!isObject(patch)) return patch;
  const merged = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name), value));
  }
  return Object.fromEntries(merged);
};

let check: ((value: unknown) => ReturnType<ReturnType<typeof compile<typeof SessionConfig>>>) | undefined;

/** Throws `BAD_REQUEST` for what is no config, naming the fields. */
export const checkedConfig = (config: unknown): SessionConfig => {
  // Not at the start: few are patched.
  check ??= compile(SessionConfig, { unknown: 'ignore' });
  const checked = check(config);
  if (checked.ok) return checked.value;
  throw badRequest(...checked.violations.map(({ path, message }) => (path.length > 0 ? `config.${message}` : message)));
};
