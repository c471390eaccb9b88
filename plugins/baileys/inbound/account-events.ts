import type { EngineInput } from 'waha-runtime/engine';
import type { LidMappings } from '../identity/lid-mappings.ts';
import type { People } from '../identity/people.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import type { MessageStore } from '../store/message-store.ts';
import { Archive } from './archive.ts';
import { IncomingCalls } from './calls.ts';
import { tellEngineEvents } from './engine-events.ts';
import type { EventQueue, Fact } from './event-queue.ts';
import { LabelBook } from './labels.ts';
import { presencePayload, withBothIds } from './presences.ts';
import type { Publisher } from './publisher.ts';

/** What happens to an account besides its messages. */
export interface AccountEvents {
  readonly calls: IncomingCalls;
  readonly archive: Archive;
  readonly labels: LabelBook;
  readonly names: LidMappings;
}

export interface AccountEventsOptions {
  readonly input: Pick<EngineInput, 'wants'>;
  readonly names: LidMappings;
  readonly people: People;
  readonly publisher: Publisher;
  readonly queue: EventQueue;
  readonly messageStore: MessageStore;
  now(): number;
}

/** Tells of presences, of calls, of the archive, of labels, and of what the engine itself says. */
export const tellAccountEvents = (sock: BaileysSocket, options: AccountEventsOptions): AccountEvents => {
  const { input, names, people, publisher, queue, messageStore, now } = options;
  const tell = (fact: Fact) => queue.pipe(fact);
  sock.ev.on('presence.update', ({ id, presences }) => {
    const payload = presencePayload(id, presences);
    queue.push(async () => publisher.publish('presence.update', await withBothIds(payload, people), {}));
  });
  tellEngineEvents(sock, { publisher, tell, now, wanted: () => input.wants?.('engine.event') === true });
  return {
    names,
    calls: new IncomingCalls(sock, { publisher, names, tell }),
    archive: new Archive(sock, { publisher, people, tell, now }),
    labels: new LabelBook(sock, { publisher, people, messageStore, queue }),
  };
};
