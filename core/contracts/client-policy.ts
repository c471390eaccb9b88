import type { Client } from './client.ts';

type MethodsOf<T, P extends string> = {
  [K in keyof T & string]: T[K] extends (...args: infer A) => Promise<unknown>
    ? { readonly method: `${P}.${K}`; readonly args: Readonly<A> }
    : never;
}[keyof T & string];

type AnyMethod = {
  [P in keyof Client & string]-?: MethodsOf<NonNullable<Client[P]>, P>;
}[keyof Client & string];

/** The names of calls that go to WhatsApp: `messages.sendText`, `presence.setOnline`, … */
export type ClientMethod = AnyMethod['method'];

/** One call of a session's client. Comparing `method` narrows `args`. */
export type ClientCall<M extends ClientMethod = ClientMethod> = Extract<AnyMethod, { readonly method: M }> & {
  readonly session: string;
};

/**
 * Wraps every call that goes out to WhatsApp: for limits, audit, redaction. Plugins contribute policies to
 * `Points.ClientPolicy`; the first one is the outermost.
 */
export interface ClientPolicy {
  readonly name: string;
  /**
   * Called for each call of a session that its plugin works for. Answer with what `next` answers; hand it a changed copy
   * of the call, wait before it, or refuse by throwing a RuntimeError such as `tooManyRequests(…)`. Any other throw, and
   * more than 30 s of the policy's own time, fails this call as `PLUGIN_FAILED` and suspends the policy when it repeats.
   */
  send(call: ClientCall, next: (call: ClientCall) => Promise<unknown>): Promise<unknown>;
  /** What happens to calls while the policy is suspended: `true` refuses them (503), else they go on without it. */
  readonly required?: boolean;
}
