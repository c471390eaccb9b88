import {
  type AppContext,
  type AppType,
  type EventName,
  type EventSelector,
  type EventSink,
  type Heard,
  type Log,
  type RuntimeEvent,
  type StopApp,
  selects,
  sentence,
} from 'waha-runtime';
import type { StoredApp } from './stored-app.ts';

interface Listener {
  readonly events: readonly EventSelector[];
  readonly listen: (event: RuntimeEvent) => void | Promise<void>;
}

interface Running {
  readonly app: StoredApp;
  readonly end: AbortController;
  readonly listeners: Listener[];
  stop: StopApp | undefined;
}

/** The apps that run: begun, fed with the events of their session, and ended. */
export class RunningApps implements EventSink {
  readonly name: string;
  readonly #log: Log;
  readonly #running = new Map<string, Running>();
  readonly #bySession = new Map<string, Set<Running>>();
  readonly #failures = new Map<string, string>();

  constructor(name: string, log: Log) {
    this.name = name;
    this.#log = log;
  }

  /** Why an app that is enabled does not run; null when it does. */
  failure(id: string): string | null {
    return this.#failures.get(id) ?? null;
  }

  /** Never rejects: what went wrong is its `failure`. */
  async start(app: StoredApp, type: AppType | undefined): Promise<void> {
    await this.stop(app.id);
    if (!app.enabled) return;
    if (!type) {
      this.#failures.set(app.id, `no plugin brings apps of type '${app.app}', or they are switched off`);
      return;
    }
    const running: Running = { app, end: new AbortController(), listeners: [], stop: undefined };
    this.#running.set(app.id, running);
    this.#ofSession(app.session).add(running);
    try {
      running.stop = await type.start(this.#contextOf(running));
    } catch (error) {
      await this.stop(app.id);
      this.#failures.set(app.id, sentence(error));
      this.#log.error({ app: app.app, session: app.session }, `an app does not start: ${sentence(error)}`);
    }
  }

  async stop(id: string): Promise<void> {
    this.#failures.delete(id);
    const running = this.#running.get(id);
    if (!running) return;
    const { session, app: type } = running.app;
    this.#running.delete(id);
    const others = this.#bySession.get(session);
    others?.delete(running);
    if (others?.size === 0) this.#bySession.delete(session);
    running.end.abort();
    try {
      await running.stop?.();
    } catch (error) {
      this.#log.error({ app: type, session }, `an app does not end well: ${sentence(error)}`);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((id) => this.stop(id)));
  }

  accepts = ({ session }: RuntimeEvent): boolean => this.#bySession.has(session);

  wants = (event: EventName, session: string): boolean =>
    [...(this.#bySession.get(session) ?? [])].some(({ listeners }) =>
      listeners.some(({ events }) => selects(events, event)),
    );

  deliver = (event: RuntimeEvent): void => {
    for (const running of this.#bySession.get(event.session) ?? []) {
      for (const { events, listen } of running.listeners) {
        if (selects(events, event.event)) void this.#tell(running, listen, event);
      }
    }
  };

  /** One app's fault is no other's. */
  async #tell({ app, end }: Running, listen: Listener['listen'], event: RuntimeEvent): Promise<void> {
    try {
      await listen(event);
    } catch (error) {
      if (end.signal.aborted) return;
      const fields = { app: app.app, session: app.session, event: event.event };
      this.#log.error(fields, `an app fails on an event: ${sentence(error)}`);
    }
  }

  #contextOf(running: Running): AppContext<Record<string, unknown>> {
    const { id, session, enabled, config } = running.app;
    return {
      ...{ id, session, enabled, config },
      // By its type: the id of an app may open something.
      log: this.#log.child({ app: running.app.app, session }),
      signal: running.end.signal,
      on: <const N extends EventSelector>(
        events: N | readonly N[],
        listener: (event: Heard<N>) => void | Promise<void>,
      ) => {
        const wanted = [events].flat() as readonly EventSelector[];
        running.listeners.push({ events: wanted, listen: listener as Listener['listen'] });
      },
    };
  }

  #ofSession(session: string): Set<Running> {
    const known = this.#bySession.get(session) ?? new Set();
    this.#bySession.set(session, known);
    return known;
  }
}
