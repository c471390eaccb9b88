import type { BaileysSocket } from './socket.ts';

/** The hidden id of a number, as a jid; null when there is none. */
export type Lookup = (number: string) => Promise<string | null>;

const asking = new WeakMap<object, Lookup>();

/** Says how WhatsApp is asked for hidden ids, for a mapping that goes by what is known. */
export const askWith = (lidMapping: object, ask: Lookup): void => void asking.set(lidMapping, ask);

/** The hidden id of a number, which WhatsApp is asked for when it is not known; null when there is none. */
export const hiddenIdOf = (
  { signalRepository: { lidMapping } }: BaileysSocket,
  number: string,
): Promise<string | null> => (asking.get(lidMapping) ?? lidMapping.getLIDForPN.bind(lidMapping))(number);
