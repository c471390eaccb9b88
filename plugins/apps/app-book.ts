import { ulid } from 'ulid';
import {
  type AppInfo,
  type AppRequest,
  type Apps,
  type AppType,
  type Log,
  maskBy,
  notFound,
  type Ownership,
  type PluginStorage,
  SerialQueue,
  type Sessions,
  sentence,
  unprocessable,
} from 'waha-runtime';
import type { AppTypes } from './app-types.ts';
import type { RunningApps } from './running-apps.ts';
import { placeOf, placePrefix, type StoredApp } from './stored-app.ts';

export interface AppBookOptions {
  readonly storage: PluginStorage;
  readonly sessions: Pick<Sessions, 'has' | 'get'>;
  readonly types: AppTypes;
  readonly running: RunningApps;
  readonly maxPerSession: number;
  readonly log: Log;
  /** In a cluster an app runs where its session is; absent where all sessions are here. */
  readonly ownership?: Pick<Ownership, 'owns'> | undefined;
}

/** An app as a request wants it, checked. */
interface Wish {
  readonly wanted: StoredApp;
  readonly before: StoredApp | null;
  readonly type: AppType;
}

/** All apps: kept in the plugin's storage, and running where they are enabled. */
export class AppBook implements Apps {
  readonly #options: AppBookOptions;
  readonly #apps = new Map<string, StoredApp>();
  readonly #turns = new SerialQueue();

  constructor(options: AppBookOptions) {
    this.#options = options;
  }

  /** Reads what is kept. */
  async open(): Promise<void> {
    const { storage } = this.#options;
    for (const place of await storage.keys()) {
      const kept = place.startsWith(placePrefix) ? await storage.get<StoredApp>(place) : undefined;
      if (kept) this.#apps.set(kept.id, kept);
    }
  }

  /** Takes up what other processes made, changed or removed; what runs here begins anew where it changed. */
  refresh(): Promise<void> {
    return this.#turns.run(async () => {
      const before = new Map(this.#apps);
      this.#apps.clear();
      await this.open();
      for (const [id, app] of before) {
        if (JSON.stringify(this.#apps.get(id)) !== JSON.stringify(app)) await this.#options.running.stop(id);
      }
      const changed = this.#all().filter((app) => JSON.stringify(before.get(app.id)) !== JSON.stringify(app));
      for (const app of changed) await this.#start(app);
    });
  }

  /** The session is this process's now. What changed in the last second is told by `refresh`. */
  async taken(session: string): Promise<void> {
    for (const app of this.#of(session)) await this.#start(app);
  }

  /** The session is another one's now. */
  async released(session: string): Promise<void> {
    for (const { id } of this.#of(session)) await this.#options.running.stop(id);
  }

  async #start(app: StoredApp): Promise<void> {
    const { running, types, ownership } = this.#options;
    if (ownership?.owns(app.session) ?? true) await running.start(app, types.find(app.app));
  }

  /** Begins what is enabled; apps of sessions that went while this plugin did not look go, too. */
  async startAll(): Promise<void> {
    const { sessions, ownership } = this.#options;
    if (ownership) return void (await Promise.all(this.#all().map((app) => this.#start(app))));
    const gone = new Set(this.#all().flatMap(({ session }) => (sessions.has(session) ? [] : [session])));
    for (const session of gone) await this.removeSession(session);
    await Promise.all(this.#all().map((app) => this.#start(app)));
  }

  /** The session of an app; undefined for one that is not there. */
  sessionOf(id: string): string | undefined {
    return this.#apps.get(id)?.session;
  }

  list(session: string, { secrets }: { readonly secrets: boolean }): AppInfo[] {
    return this.#of(session).map((app) => this.#shown(app, secrets));
  }

  get(id: string): AppInfo {
    return this.#shown(this.#demand(id), true);
  }

  create(request: AppRequest & { readonly session: string }): Promise<AppInfo> {
    return this.#turns.run(async () => {
      const id = request.id ?? `app_${ulid().toLowerCase()}`;
      if (this.#apps.has(id)) throw unprocessable(`id: there is an app '${id}' already; use PUT to change it`);
      return this.#put(request.session, { ...request, id });
    });
  }

  /** Changes an app, or makes it. */
  put(id: string, request: AppRequest): Promise<AppInfo> {
    return this.#turns.run(() => {
      const session = request.session ?? this.sessionOf(id);
      if (session === undefined) throw notFound(`app '${id}' does not exist`);
      return this.#put(session, { ...request, id });
    });
  }

  remove(id: string): Promise<void> {
    return this.#turns.run(() => this.#drop(this.#demand(id)));
  }

  async purgeOne(id: string): Promise<void> {
    const app = this.#demand(id);
    await this.#options.types.find(app.app)?.purge?.(app);
  }

  async purge(session: string): Promise<void> {
    for (const { id } of this.#of(session)) await this.purgeOne(id);
  }

  check(session: string, apps: readonly AppRequest[], field: string): void {
    this.#wishes(session, apps, field);
  }

  replace(session: string, apps: readonly AppRequest[], field: string): Promise<void> {
    return this.#turns.run(async () => {
      const wishes = this.#wishes(session, apps, field);
      const kept = new Set(wishes.map(({ wanted }) => wanted.id));
      for (const app of this.#of(session)) if (!kept.has(app.id)) await this.#drop(app);
      for (const wish of wishes) await this.#keep(wish);
    });
  }

  /** Removes all that is kept of the apps of a session. */
  removeSession(session: string): Promise<void> {
    return this.#turns.run(async () => {
      for (const app of this.#of(session)) await this.#drop(app);
    });
  }

  async #put(session: string, request: AppRequest): Promise<AppInfo> {
    this.#options.types.demandEnabled();
    this.#options.sessions.get(session);
    const before = this.#apps.get(request.id ?? '') ?? null;
    const wish = this.#wish(session, request, before, '');
    this.#refuseMany(session, [...this.#of(session).filter(({ id }) => id !== wish.wanted.id), wish.wanted]);
    await this.#keep(wish);
    return this.get(wish.wanted.id);
  }

  /** What a list of apps wants of a session, each matched with what is there. */
  #wishes(session: string, apps: readonly AppRequest[], field: string): Wish[] {
    this.#options.types.demandEnabled();
    const left = new Map(this.#of(session).map((app) => [app.id, app]));
    const take = (app: StoredApp | undefined): StoredApp | null => {
      if (app) left.delete(app.id);
      return app ?? null;
    };
    const byId = apps.map(({ id }) => take(left.get(id ?? '')));
    const wishes = apps.map((request, index) => {
      const known = byId[index] ?? null;
      const before = known ?? take([...left.values()].find(({ app }) => app === request.app && !request.id));
      return this.#wish(session, request, before, `${field}.${index}.`);
    });
    this.#refuseMany(
      session,
      wishes.map(({ wanted }) => wanted),
    );
    return wishes;
  }

  #wish(session: string, request: AppRequest, before: StoredApp | null, at: string): Wish {
    const type = this.#options.types.demand(request.app, `${at}app`);
    if (before && before.app !== request.app) throw unprocessable(`${at}app: an app does not change its type`);
    if (before && before.session !== session) throw unprocessable(`${at}session: an app does not change its session`);
    if (request.session && request.session !== session) {
      throw unprocessable(`${at}session: this is an app of session '${session}'`);
    }
    const id = request.id ?? before?.id ?? `app_${ulid().toLowerCase()}`;
    if (!before && this.#apps.has(id)) throw unprocessable(`${at}id: there is an app '${id}' already`);
    const config = this.#options.types.checked(type, request.config, before?.config, `${at}config`);
    type.check?.(config);
    return { wanted: { id, session, app: request.app, enabled: request.enabled ?? true, config }, before, type };
  }

  #refuseMany(session: string, apps: readonly StoredApp[]): void {
    const { maxPerSession, types } = this.#options;
    if (apps.length > maxPerSession) throw unprocessable(`a session has at most ${maxPerSession} apps`);
    for (const [index, { app, id }] of apps.entries()) {
      const earlier = apps.slice(0, index);
      if (earlier.some((other) => other.id === id)) throw unprocessable(`there are two apps '${id}'`);
      if (types.find(app)?.several || !earlier.some((other) => other.app === app)) continue;
      throw unprocessable(`session '${session}' has an app of type '${app}', and may have one only`);
    }
  }

  /** On the disk first: an app that was shown runs after a crash, too. */
  async #keep({ wanted, before, type }: Wish): Promise<void> {
    const { storage, running } = this.#options;
    const config = ((await type.prepare?.(wanted, before)) ?? wanted.config) as StoredApp['config'];
    const app = { ...wanted, config };
    await storage.set(placeOf(app.id), app);
    this.#apps.set(app.id, app);
    const isSame = before && JSON.stringify(before) === JSON.stringify(app);
    if (!isSame || running.failure(app.id) !== null) await this.#start(app);
  }

  /** What is kept of it goes first: where that fails the app is still there, so that deleting can be tried again. */
  async #drop(app: StoredApp): Promise<void> {
    const { storage, running, types, log } = this.#options;
    await running.stop(app.id);
    const type = types.find(app.app);
    if (type) await type.remove?.(app);
    else
      log.warn({ app: app.app, session: app.session }, `what the type '${app.app}' kept of an app may be left behind`);
    await storage.remove(placeOf(app.id));
    this.#apps.delete(app.id);
  }

  #all(): StoredApp[] {
    return [...this.#apps.values()];
  }

  #of(session: string): StoredApp[] {
    return this.#all().filter((app) => app.session === session);
  }

  #demand(id: string): StoredApp {
    this.#options.types.demandEnabled();
    const app = this.#apps.get(id);
    if (!app) throw notFound(`app '${id}' does not exist`);
    return app;
  }

  #shown(app: StoredApp, secrets: boolean): AppInfo {
    const { types, running, log } = this.#options;
    const type = types.find(app.app);
    const failure = app.enabled ? running.failure(app.id) : null;
    return { ...app, config: secrets ? shown(app, type, log) : masked(app, type, log), failure };
  }
}

const shown = (app: StoredApp, type: AppType | undefined, log: Log): StoredApp['config'] => {
  try {
    return (type?.present?.(app) ?? app.config) as StoredApp['config'];
  } catch (error) {
    log.error({ app: app.app, session: app.session }, `an app cannot be shown: ${sentence(error)}`);
    return app.config;
  }
};

/** Of a type that is not there nobody knows what is secret. */
const masked = (app: StoredApp, type: AppType | undefined, log: Log): StoredApp['config'] =>
  type ? maskBy(type.config, shown(app, type, log)) : {};
