import { readFileSync } from 'node:fs';
import { type Node, parse } from 'acorn';
import { transformSync } from 'esbuild';

/** A regular expression as a source file has it. */
export interface FoundExpression {
  readonly source: string;
  readonly flags: string;
}

/**
 * The regular expressions of a TypeScript file: literals, `new RegExp('…')`, and the `pattern` of schemas. What is put
 * together when the program runs is not seen here.
 */
export const expressionsIn = (file: string): FoundExpression[] => {
  const found: FoundExpression[] = [];
  walk(parsed(file), (node) => {
    const expression = ofLiteral(node) ?? ofConstructor(node) ?? ofSchema(node);
    if (expression) found.push(expression);
  });
  return found;
};

/** How many regular expressions a file puts together when the program runs. */
export const dynamicExpressionsIn = (file: string): number => {
  let count = 0;
  walk(parsed(file), (node) => {
    if (isConstructor(node) && !ofConstructor(node)) count += 1;
  });
  return count;
};

const parsed = (file: string): AnyNode => {
  const loader = file.endsWith('x') ? 'tsx' : 'ts';
  const { code } = transformSync(readFileSync(file, 'utf8'), { loader, target: 'node20', jsx: 'automatic' });
  return parse(code, { ecmaVersion: 'latest', sourceType: 'module' });
};

// biome-ignore lint/suspicious/noExplicitAny: nodes of any kind are looked into
type AnyNode = Node & Record<string, any>;

const walk = (node: AnyNode, visit: (node: AnyNode) => void): void => {
  visit(node);
  for (const value of Object.values(node)) {
    for (const inner of Array.isArray(value) ? value : [value]) {
      if (typeof inner?.type === 'string') walk(inner, visit);
    }
  }
};

const ofLiteral = ({ type, regex }: AnyNode): FoundExpression | undefined =>
  type === 'Literal' && regex ? { source: regex.pattern, flags: regex.flags } : undefined;

const isConstructor = ({ type, callee }: AnyNode): boolean =>
  (type === 'NewExpression' || type === 'CallExpression') && callee?.name === 'RegExp';

const ofConstructor = (node: AnyNode): FoundExpression | undefined => {
  const [source, flags] = isConstructor(node) ? node['arguments'] : [];
  return typeof source?.value === 'string' ? { source: source.value, flags: flags?.value ?? '' } : undefined;
};

const ofSchema = ({ type, key, value }: AnyNode): FoundExpression | undefined => {
  const isPattern = type === 'Property' && (key?.name === 'pattern' || key?.value === 'pattern');
  return isPattern && typeof value?.value === 'string' ? { source: value.value, flags: 'u' } : undefined;
};
