import type { EventBus } from '../contracts/events.ts';
import type { MeInfo, SessionStatusPayload } from '../contracts/session.ts';
import { sentence } from '../errors.ts';
import type { Session } from './session.ts';

/** Publishes a new status of a session. Never rejects: a status that cannot be published is logged. */
export const publishStatus = async (
  bus: EventBus,
  session: Session,
  payload: SessionStatusPayload,
  me: MeInfo | null,
): Promise<void> => {
  try {
    await bus.publish({
      session: session.name,
      event: 'session.status',
      payload,
      metadata: session.config.metadata ?? undefined,
      me,
      engine: session.record.engine,
    });
  } catch (error) {
    session.log.error(`the status ${payload.status} could not be published: ${sentence(error)}`);
  }
};
