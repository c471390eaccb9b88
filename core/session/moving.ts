import { compile } from '../config/validate.ts';
import type { Engine } from '../contracts/engine.ts';
import type { AccountMoving, ImportReport, SessionBundle, SessionMoving } from '../contracts/moving.ts';
import type { MeInfo } from '../contracts/session.ts';
import { SessionConfig } from '../contracts/session-config.ts';
import type { Sessions } from '../contracts/sessions.ts';
import type { AuthStore, MessageStore } from '../contracts/stores.ts';
import { badRequest, conflict, notImplementedByEngine, sessionStatus, unprocessable } from '../errors.ts';
import { KeyedSerialQueue } from '../serial-queue.ts';

export interface MovingOptions {
  readonly sessions: Pick<Sessions, 'create' | 'get' | 'has' | 'list' | 'start' | 'stop'>;
  readonly auth: AuthStore;
  readonly messages: MessageStore;
  readonly engines: () => readonly Engine[];
}

/** Sessions on their way from one server to another, on the same calls that everybody has. */
export class BundledSessions implements SessionMoving {
  readonly #options: MovingOptions;
  readonly #turns = new KeyedSerialQueue();

  constructor(options: MovingOptions) {
    this.#options = options;
  }

  import(name: string, bundle: SessionBundle, { start }: { readonly start?: boolean } = {}): Promise<ImportReport> {
    return this.#turns.run(name, async () => {
      if (bundle.account === undefined) return this.#addToLibrary(name, bundle);
      const { changes, damaged, me } = await this.#moving().accept(bundle.account);
      this.#refuseCopy(name, me);
      const config = checkedConfig(bundle.config);
      await this.#makeRoom(name, config);
      // A start by somebody else in between revokes this handle, and the commit rejects.
      const auth = this.#options.auth.open(name);
      if ((await auth.credentials())?.linked) throw linkedAlready(name);
      await auth.commit(changes);
      const messages = await this.#keep(name, bundle.library);
      const runs = start ?? bundle.desired !== 'stopped';
      const session = runs ? await this.#options.sessions.start(name) : this.#options.sessions.get(name);
      return { session, keys: changes.keys?.length ?? 0, damaged, messages };
    });
  }

  export(name: string): Promise<SessionBundle> {
    return this.#turns.run(name, async () => {
      const { status, config, engine } = this.#options.sessions.get(name);
      if (status !== 'STOPPED') throw sessionStatus(name, status, ['STOPPED']);
      const account = await this.#moving(engine.engine).give(this.#options.auth.open(name));
      return { name, config, account };
    });
  }

  /** Two sessions with the keys of one device break its conversations, also when one of them is stopped: it may be started again. */
  #refuseCopy(name: string, { id, jid }: MeInfo): void {
    const other = this.#options.sessions.list().find(({ me }) => me !== null && (me.jid ?? me.id) === (jid ?? id));
    if (!other || other.name === name) return;
    throw conflict(
      `session '${other.name}' is this very device of ${id}: delete it first, which leaves the device linked when it is stopped`,
    );
  }

  /** The session, stopped and without an account. */
  async #makeRoom(name: string, config: SessionConfig): Promise<void> {
    const { sessions } = this.#options;
    if (!sessions.has(name)) {
      await sessions.create({ name, config, start: false });
      return;
    }
    if (sessions.get(name).me !== null) throw linkedAlready(name);
    const { status } = await sessions.stop(name);
    if (status !== 'STOPPED') throw sessionStatus(name, status, ['STOPPED']);
  }

  async #addToLibrary(name: string, { library }: SessionBundle): Promise<ImportReport> {
    if (library === undefined) throw badRequest('the bundle has neither an account nor a library');
    const session = this.#options.sessions.get(name);
    return { session, keys: 0, damaged: 0, messages: await this.#keep(name, library) };
  }

  /** A session that keeps no store has no use for it. */
  async #keep(name: string, library: unknown): Promise<number> {
    const { sessions, messages } = this.#options;
    if (library === undefined || sessions.get(name).config.noweb?.store?.enabled !== true) return 0;
    const news = await this.#moving().acceptLibrary(library);
    await messages.library(name).add(news);
    return news.messages?.length ?? 0;
  }

  #moving(name?: string): AccountMoving {
    const engines = this.#options.engines();
    const engine = name === undefined ? engines[0] : engines.find((one) => one.name === name);
    if (!engine) throw unprocessable('no engine is loaded');
    if (!engine.moving) throw notImplementedByEngine(engine.name, 'moving');
    return engine.moving;
  }
}

const linkedAlready = (name: string) =>
  conflict(`session '${name}' has an account already: log it out or delete it first, or import under another name`);

let check: ReturnType<typeof compile<typeof SessionConfig>> | undefined;

/** What another server kept may have more than ours, such as apps; what is the same must be right. */
const checkedConfig = (config: unknown): SessionConfig => {
  check ??= compile(SessionConfig, { unknown: 'ignore' });
  const checked = check(structuredClone(config ?? {}));
  if (checked.ok) return checked.value;
  throw badRequest(...checked.violations.map(({ message }) => `the session's config: ${message}`));
};
