import { definePlugin, Points, sentence, Tokens } from 'waha-runtime';
import { AppBook } from './app-book.ts';
import { AppTypes } from './app-types.ts';
import { callsApp } from './calls.ts';
import { AppsConfig } from './config.ts';
import { appsGroup } from './routes.ts';
import { RunningApps } from './running-apps.ts';

/** Integrations that sessions have one by one, of the types that plugins bring. */
export default definePlugin({
  name: 'apps',
  description: 'Integrations of single sessions: rejecting calls, and the apps of other plugins',
  config: AppsConfig,
  needs: { sessions: Tokens.Sessions, clock: Tokens.Clock },
  wants: { ownership: Tokens.Ownership },
  provides: [Tokens.Apps],
  async setup({
    name,
    config,
    services,
    storage,
    log,
    contribute,
    contributions,
    provide,
    onReady,
    onChange,
    onClose,
  }) {
    const { sessions, clock, ownership } = services;
    const types = new AppTypes(config, () => contributions(Points.App).map(({ value }) => value));
    const running = new RunningApps(name, log);
    const book = new AppBook({
      storage,
      sessions,
      types,
      running,
      maxPerSession: config.maxPerSession,
      log,
      ownership,
    });
    await book.open();
    provide(Tokens.Apps, book);
    contribute(Points.App, callsApp({ sessions, clock }));
    contribute(Points.Routes, appsGroup(book, sessions));
    contribute(Points.EventSink, running);
    contribute(Points.SessionData, {
      name,
      remove: (session) => book.removeSession(session),
      taken: (session) => book.taken(session),
      released: (session) => book.released(session),
    });
    storage.onForeignChange?.(() => {
      book.refresh().catch((error) => log.warn(`apps of other processes could not be read: ${sentence(error)}`));
    });
    onReady(() => book.startAll());
    onChange(Points.App, () => book.startAll());
    onClose(() => running.close());
  },
});
