import { register } from 'node:module';

/**
 * Lets a plugin be imported again with everything that it is made of. A module that was imported with an edition
 * (`?waha-edition=2`) hands it down to the modules that it imports by a relative path; packages stay as they are.
 */
export const registerEditions = (): void => {
  register(`data:text/javascript,${encodeURIComponent(hooks)}`);
};

const hooks = `
const key = 'waha-edition';
export const resolve = async (specifier, context, next) => {
  const parent = context.parentURL?.startsWith('file:') ? new URL(context.parentURL) : null;
  const edition = parent?.searchParams.get(key);
  const resolved = await next(specifier, context);
  const relative = specifier.startsWith('./') || specifier.startsWith('../');
  if (!edition || !relative || !resolved.url.startsWith('file:')) return resolved;
  const url = new URL(resolved.url);
  if (url.pathname.includes('/node_modules/') || url.searchParams.has(key)) return resolved;
  url.searchParams.set(key, edition);
  return { ...resolved, url: url.href };
};
`;
