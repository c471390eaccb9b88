import type { Capability, Client } from '../contracts/client.ts';
import type { ClientCall, ClientPolicy } from '../contracts/client-policy.ts';
import { notImplementedByEngine } from '../errors.ts';

type Next = (call: ClientCall) => Promise<unknown>;

/**
 * The client with every call that goes out led through the policies, the first one outermost. `policies` is read at each
 * call. What answers at once (`me`) is no call.
 */
export const withPolicies = (client: Client, session: string, policies: () => readonly ClientPolicy[]): Client =>
  policies().length === 0 ? client : wrap(client, (part, name) => wrapPart(part, name, session, policies));

const wrapPart = (part: object, name: string, session: string, policies: () => readonly ClientPolicy[]): object =>
  new Proxy(part, {
    get(target, key) {
      const method: unknown = Reflect.get(target, key, target);
      if (typeof method !== 'function' || typeof key !== 'string') return method;
      const send: Next = async ({ args }) => Reflect.apply(method, target, args);
      return (...args: unknown[]) => {
        const call = { session, method: `${name}.${key}`, args } as unknown as ClientCall;
        return policies().reduceRight<Next>((next, policy) => (given) => policy.send(given, next), send)(call);
      };
    },
  });

/** The capabilities of a client are its objects. */
const wrap = (client: Client, wrapCapability: (part: object, name: string) => object): Client =>
  new Proxy(client, {
    get(target, key) {
      const part: unknown = Reflect.get(target, key, target);
      if (typeof part === 'function') return part.bind(target);
      return typeof part === 'object' && part !== null ? wrapCapability(part, String(key)) : part;
    },
  });

/** A capability of a client; throws `NOT_IMPLEMENTED_BY_ENGINE` when it has none. */
export const capabilityOf = <C extends Capability>(
  client: Client,
  engine: string,
  capability: C,
): NonNullable<Client[C]> => {
  const found = client[capability];
  if (!found) throw notImplementedByEngine(engine, capability);
  return found;
};
