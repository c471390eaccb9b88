import type { Clock, Egress, EventLog, Random, Route, RuntimeInfo, Sessions, Shutdown } from 'waha-runtime';
import type { TaskStore } from './inward/task-queue.ts';
import type { MediaFiles } from './media-files.ts';
import type { MessageMap } from './message-map.ts';

/** What all apps of the type share. */
export interface Services {
  readonly http: Egress;
  readonly clock: Clock;
  readonly random: Random;
  readonly eventLog: EventLog;
  readonly sessions: Sessions;
  readonly runtime: RuntimeInfo;
  readonly shutdown: Shutdown;
  readonly map: MessageMap;
  readonly tasks: TaskStore;
  readonly files: MediaFiles;
  readonly serverCommands: boolean;
  readonly maxWaiting: number;
  /** The operations of the API. */
  routes(): readonly Route[];
}
