import type { BaileysSocket } from './socket.ts';

/** The hidden ids of numbers, as jids both; those that have none are left out. */
export type Lookup = (numbers: readonly string[]) => Promise<ReadonlyMap<string, string>>;

const asking = new WeakMap<object, Lookup>();

/** Says how WhatsApp is asked for hidden ids, for a mapping that goes by what is known. */
export const askWith = (lidMapping: object, ask: Lookup): void => void asking.set(lidMapping, ask);

/** The hidden ids of numbers; WhatsApp is asked at once for all that are not known. */
export const hiddenIdsOf = async (
  { signalRepository: { lidMapping } }: BaileysSocket,
  numbers: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const ask = asking.get(lidMapping);
  if (ask) return ask(numbers);
  const pairs = (await lidMapping.getLIDsForPNs([...numbers])) ?? [];
  return new Map(pairs.map(({ pn, lid }) => [pn, lid]));
};

/** The hidden id of a number, which WhatsApp is asked for when it is not known; null when there is none. */
export const hiddenIdOf = async (sock: BaileysSocket, number: string): Promise<string | null> =>
  (await hiddenIdsOf(sock, [number])).get(number) ?? null;
