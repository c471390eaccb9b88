import type { Bubble, Content, ContentType } from './content-type.ts';
import { contentTypes } from './content-types.ts';

type Field = keyof Content;

/** The fields of a message that are there. */
export const fieldsOf = (content: Content): Field[] =>
  (Object.keys(content) as Field[]).filter((name) => content[name] != null);

/** Nothing in WhatsApp is wrapped deeper; a message that is comes from nobody's phone. */
const DEEPEST = 16;

/** The message inside all its wrappers. */
export const unwrapped = (message: Content | null | undefined): Content => {
  let content = message ?? {};
  for (let depth = 0; depth < DEEPEST; depth++) {
    const inner = innerOf(content);
    if (!inner) return content;
    content = inner;
  }
  return {};
};

const innerOf = (content: Content): Content | undefined => {
  for (const name of fieldsOf(content)) {
    const type = contentTypes[name] as ContentType | undefined;
    if (type?.as === 'wrapper') return type.inner(content[name] as never) ?? {};
  }
  return undefined;
};

/** One thing that a message is made of. */
export interface Part {
  readonly name: Field;
  readonly type: Bubble<never>;
  readonly value: object | string;
}

/** Everything that a message is made of, from the outside in. */
export const partsOf = (content: Content, depth = 0): Part[] => {
  if (depth > DEEPEST) return [];
  return fieldsOf(content).flatMap((name) => {
    const type = contentTypes[name] as ContentType | undefined;
    if (type?.as !== 'content') return [];
    const value = content[name] as object | string;
    const within = type.within?.(value as never) ?? [];
    return [{ name, type, value }, ...within.flatMap((inner) => (inner ? partsOf(unwrapped(inner), depth + 1) : []))];
  });
};
