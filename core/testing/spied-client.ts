import type { Client, SendText } from '../contracts/client.ts';
import { recordedEvents, recordedMe } from './recorded-events.ts';

/** A function that remembers how it was called. */
export interface Spy<A extends readonly unknown[] = readonly unknown[], R = unknown> {
  (...args: A): R;
  /** The arguments of every call, in order. */
  readonly calls: readonly A[];
  /** What it does from now on. */
  answers(answer: (...args: A) => R): void;
}

type SpiedPart<T> = {
  readonly [K in keyof T]-?: T[K] extends (...args: infer A) => infer R ? Spy<A, R> : T[K];
};

/** A client that can do everything any engine can, and only remembers it. */
export type SpiedClient = { readonly me: Client['me'] } & {
  readonly [C in Exclude<keyof Client, 'me'>]-?: SpiedPart<NonNullable<Client[C]>>;
};

/** One outgoing call, by the name that policies know it by. */
export interface OutgoingCall {
  /** `messages.sendText`. */
  readonly method: string;
  readonly args: readonly unknown[];
}

/** A client of spies. Every call is added to `outgoing`, too. */
export const spiedClient = (outgoing: OutgoingCall[]): SpiedClient => {
  const parts = new Map<string, object>();
  const partOf = (name: string): object => {
    const part = parts.get(name) ?? lazily((method) => spy(`${name}.${method}`, outgoing));
    parts.set(name, part);
    return part;
  };
  return lazily((name) => (name === 'me' ? () => recordedMe : partOf(name))) as SpiedClient;
};

/** An object that makes each property when it is first asked for. It is no promise, whatever asks. */
const lazily = (make: (name: string) => unknown): object => {
  const made = new Map<string, unknown>();
  return new Proxy(
    {},
    {
      get(_, key) {
        if (typeof key === 'symbol' || key === 'then' || key === 'toJSON') return undefined;
        if (!made.has(key)) made.set(key, make(key));
        return made.get(key);
      },
    },
  );
};

const spy = (method: string, outgoing: OutgoingCall[]): Spy => {
  const calls: (readonly unknown[])[] = [];
  let answer: (...args: readonly unknown[]) => unknown = usualAnswers[method] ?? (async () => undefined);
  const call = (...args: readonly unknown[]): unknown => {
    calls.push(args);
    outgoing.push({ method, args });
    return answer(...args);
  };
  return Object.assign(call, {
    calls,
    answers: (next: typeof answer) => {
      answer = next;
    },
  });
};

let lastSent = 0;

const usualAnswers: Readonly<Record<string, (...args: readonly unknown[]) => unknown>> = {
  'messages.sendText': async (message) => {
    const { chatId, text } = message as SendText;
    const id = `true_${chatId}_3EB0TEST${String(++lastSent).padStart(8, '0')}`;
    const sent = { id, from: recordedMe.id, to: chatId, fromMe: true, source: 'api', body: text } as const;
    return { ...recordedEvents.message, ...sent, ack: 1, ackName: 'SERVER' };
  },
};
