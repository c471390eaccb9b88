import type { SessionInfo, SessionStatus } from '../contracts/session.ts';
import type { SessionRecord } from '../contracts/stores.ts';
import type { SessionContext } from './context.ts';
import { standingOf, trouble } from './outlook.ts';
import { silenceOf } from './traces.ts';

/** All that a session shows comes from these. */
export interface InfoParts {
  readonly record: SessionRecord;
  readonly context: SessionContext;
  readonly status: SessionStatus;
  /** When something last happened (ms since the epoch). */
  readonly activity: number | null;
  readonly workerId: string;
}

/** Makes the info of a session anew only when something of it changed: lists of many sessions are asked for all the time. */
export class InfoOfSession {
  #madeOf: readonly unknown[] = [];
  #info: SessionInfo | null = null;

  of(parts: InfoParts): SessionInfo {
    const { record, context, status, activity, workerId } = parts;
    const silent = silenceOf(context) !== null;
    const madeOf = [record, context, status, activity, workerId, silent];
    if (this.#info === null || madeOf.some((part, index) => part !== this.#madeOf[index])) {
      this.#info = infoOf(parts);
      this.#madeOf = madeOf;
    }
    return this.#info;
  }
}

const infoOf = ({ record, context, status, activity, workerId }: InfoParts): SessionInfo => ({
  name: record.name,
  status,
  config: record.config,
  me: context.me,
  engine: { engine: record.engine },
  assignedWorker: workerId,
  presence: status === 'WORKING' ? 'online' : null,
  timestamps: { activity },
  ...trouble(context, status),
  ...standingOf(context),
});
