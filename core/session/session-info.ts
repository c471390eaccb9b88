import type { MessageCapping } from '../contracts/account-limits.ts';
import type { SessionInfo, SessionStatus } from '../contracts/session.ts';
import type { SessionRecord } from '../contracts/stores.ts';
import { cappingNow, silenceOf } from './account-history.ts';
import type { SessionContext } from './context.ts';
import { accountOf, accountStatus, failureDetails } from './status-details.ts';

/** All that a session shows comes from these. */
export interface InfoSource {
  readonly record: SessionRecord;
  readonly context: SessionContext;
  readonly status: SessionStatus;
  /** When something last happened (ms since the epoch). */
  readonly activity: number | null;
  readonly workerId: string;
}

interface Made {
  readonly of: InfoSource;
  readonly silent: boolean;
  readonly capping: MessageCapping | null;
  readonly info: SessionInfo;
}

/** Makes the info of a session anew only when something of it changed: lists of many sessions are asked for all the time. */
export class InfoOfSession {
  #made: Made | null = null;

  of(source: InfoSource): SessionInfo {
    const silent = silenceOf(source.context) !== null;
    const capping = cappingNow(source.context);
    const made = this.#made;
    if (made !== null && made.silent === silent && made.capping === capping && isSame(made.of, source))
      return made.info;
    this.#made = { of: source, silent, capping, info: infoOf(source) };
    return this.#made.info;
  }
}

const isSame = (one: InfoSource, other: InfoSource): boolean =>
  one.record === other.record &&
  one.context === other.context &&
  one.status === other.status &&
  one.activity === other.activity &&
  one.workerId === other.workerId;

const infoOf = ({ record, context, status, activity, workerId }: InfoSource): SessionInfo => ({
  name: record.name,
  status,
  config: record.config,
  me: accountOf(context),
  engine: { engine: record.engine },
  assignedWorker: workerId,
  presence: status === 'WORKING' ? 'online' : null,
  timestamps: { activity },
  ...failureDetails(context, status),
  ...accountStatus(context),
});
