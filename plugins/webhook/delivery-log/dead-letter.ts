import { type Log, sentence } from 'waha-runtime';
import type { EventBodies } from './event-bodies.ts';
import type { Outbox } from './outbox.ts';
import type { DeliveryRow } from './outbox-schema.ts';
import type { ResultWriter } from './result-writer.ts';

interface Parts {
  readonly bodies: EventBodies;
  readonly outbox: Outbox;
  readonly writer: ResultWriter;
  readonly log: Log;
}

/** Keeps the body of a delivery that was given up: it outlives the event log. */
export const keepDeadLetter = async (
  { id, cursor }: DeliveryRow,
  { bodies, outbox, writer, log }: Parts,
): Promise<void> => {
  try {
    const body = await bodies.of(cursor);
    if (body) writer.note(`dead letter ${cursor}`, outbox.savingDeadLetter({ cursor, body: `${body}` }));
  } catch (error) {
    log.warn({ id }, `a dead letter lost its body: ${sentence(error)}`);
  }
};
