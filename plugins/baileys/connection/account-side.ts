import type { EngineInput } from 'waha-runtime/engine';
import { presencePayload, withOtherNames } from '../client/presence.ts';
import { Archive } from '../inbound/archive.ts';
import { IncomingCalls } from '../inbound/calls.ts';
import { tellEngineEvents } from '../inbound/engine-events.ts';
import type { Fact, InOrder } from '../inbound/in-order.ts';
import type { OtherNames } from '../inbound/other-names.ts';
import type { Publisher } from '../inbound/publisher.ts';
import type { BaileysSocket } from './socket-options.ts';

/** What happens to an account besides its messages. */
export interface AccountSide {
  readonly calls: IncomingCalls;
  readonly archive: Archive;
  readonly names: OtherNames;
}

export interface AccountSideParts {
  readonly input: Pick<EngineInput, 'wants'>;
  readonly names: OtherNames;
  readonly publisher: Publisher;
  readonly queue: InOrder;
  now(): number;
}

/** Tells of presences, of calls, of the archive, and of what the engine itself says. */
export const watchAccount = (sock: BaileysSocket, parts: AccountSideParts): AccountSide => {
  const { input, names, publisher, queue, now } = parts;
  const tell = (fact: Fact) => queue.pipe(fact);
  sock.ev.on('presence.update', ({ id, presences }) => {
    const payload = presencePayload(id, presences);
    queue.push(async () => publisher.publish('presence.update', await withOtherNames(payload, names), {}));
  });
  tellEngineEvents(sock, { publisher, tell, now, wanted: () => input.wants?.('engine.event') === true });
  return {
    names,
    calls: new IncomingCalls(sock, { publisher, names, tell }),
    archive: new Archive(sock, { publisher, tell, now }),
  };
};
