import {
  type AppInfo,
  type AppRequest,
  type Apps,
  demandRight,
  mayDo,
  type Principal,
  type Sessions,
  unprocessable,
} from 'waha-runtime';

/** Apps as requests about a session name them, whether or not a plugin keeps apps. */
export class SessionApps {
  readonly #apps: Apps | undefined;

  constructor(apps: Apps | undefined) {
    this.#apps = apps;
  }

  /**
   * What a request wants, null when it says nothing of apps. `session` is empty for one that has no name yet. Throws for a caller
   * who may not, and for what cannot be.
   */
  checked(
    session: string,
    given: readonly AppRequest[] | null | undefined,
    principal: Principal,
  ): readonly AppRequest[] | null {
    if (!given) return null;
    if (!this.#apps) {
      // Rather than take an integration's settings and do nothing with them.
      if (given.length > 0) throw unprocessable('apps are not available: no loaded plugin provides them');
      return null;
    }
    if (given.length > 0 || this.#apps.list(session, { secrets: false }).length > 0) demandRight(principal, 'app');
    const wish = session === '' ? given.map(({ session: _, ...app }) => app) : given;
    this.#apps.check(session, wish, 'apps');
    return wish;
  }

  async replace(session: string, wish: readonly AppRequest[] | null): Promise<void> {
    if (wish) await this.#apps?.replace(session, wish, 'apps');
  }

  /** The first apps of a new session. Where they cannot be made, there is no session either. */
  async give(session: string, wish: readonly AppRequest[], sessions: Sessions): Promise<void> {
    try {
      await this.replace(session, wish);
    } catch (error) {
      await sessions.remove(session);
      throw error;
    }
  }

  shown(session: string, principal: Principal): readonly AppInfo[] {
    return this.#apps?.list(session, { secrets: mayDo(principal, 'app') }) ?? [];
  }

  async purge(session: string): Promise<void> {
    await this.#apps?.purge(session);
  }
}
