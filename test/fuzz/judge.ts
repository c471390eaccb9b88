import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { ApiDocument, Operation } from './document.ts';
import type { Answer } from './request.ts';

export type Kind = 'server-fault' | 'undeclared' | 'shape' | 'no-answer' | 'slow' | 'crash' | 'stuck';

/** What is wrong with an answer. */
export interface Fault {
  readonly kind: Kind;
  readonly told: string;
}

/** Says whether an answer is one that the document declares. */
export class Judge {
  readonly #document: ApiDocument;
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false });
  readonly #checks = new Map<string, ValidateFunction>();

  constructor(document: ApiDocument) {
    this.#document = document;
    formats.default(this.#ajv as never);
    this.#ajv.addSchema({ ...document.whole, $id: 'document' } as object);
  }

  /** Null when nothing is. A 5xx that is `excused` follows from a fault that the fuzzer switched on. */
  fault(operation: Operation, answer: Answer, excused: boolean): Fault | null {
    const { status, text, contentType } = answer;
    if (operation.isPage) return pageFault(status, text);
    if (operation.path === '/mcp' && !excused && /"text":"5\d\d: /.test(text))
      return { kind: 'server-fault', told: text.slice(0, 300) };
    // An address of more than 16 KB is refused by Node, before anybody looks which operation it is of.
    if (status === 431 && text === '') return null;
    const declared = this.#document.answer(operation, status);
    const told = `${status} ${text.slice(0, 300)}`;
    if (status >= 500 && !excused && !(status === 501 && declared)) return { kind: 'server-fault', told };
    if (!declared) return { kind: 'undeclared', told };
    const { content } = declared;
    if (!content || text === '') return null;
    const type = contentType.split(';', 1)[0] ?? '';
    if (!content[type] && !content[contentType])
      return { kind: 'shape', told: `undeclared content type ${type}: ${told}` };
    if (type !== 'application/json' || !content[type]?.schema) return null;
    return this.#shapeFault(operation, status, content[type].schema, text);
  }

  #shapeFault({ method, path }: Operation, status: number, schema: object, text: string): Fault | null {
    const place = `${method} ${path} ${status}`;
    const check = this.#checks.get(place) ?? this.#ajv.compile(absolute(schema) as object);
    this.#checks.set(place, check);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return { kind: 'shape', told: `${status}, and no JSON: ${text.slice(0, 300)}` };
    }
    if (check(value)) return null;
    return { kind: 'shape', told: `${status} ${this.#ajv.errorsText(check.errors)}: ${text.slice(0, 300)}` };
  }
}

/** Pages may refuse what they like. What stands in files of the machine is nobody's business. */
const pageFault = (status: number, text: string): Fault | null => {
  const told = `${status} ${text.slice(0, 300)}`;
  if (status >= 500) return { kind: 'server-fault', told };
  return /^root:[^\n]{0,20}:0:0:/m.test(text) || text.includes('encryptionKey') ? { kind: 'shape', told } : null;
};

/** The same schema with references into the document. */
const absolute = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(absolute);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, key === '$ref' ? `document${String(inner)}` : absolute(inner)]),
  );
};
