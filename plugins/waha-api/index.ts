import { definePlugin, Points, systemClock, Tokens, Type } from 'waha-runtime';
import { ConvertConfig, Converter } from './files/convert.ts';
import { StickerMaker } from './files/stickers.ts';
import { passkeyPage } from './pairing/passkey-page.ts';
import { Once } from './sending/once.ts';
import { SameId } from './sending/same-id.ts';
import { groupsOf } from './tags.ts';

/** The operations of WAHA's HTTP API, as routes for whichever server is loaded. */
export default definePlugin({
  name: 'waha-api',
  description: "The operations of WAHA's HTTP API",
  config: Type.Object({ convert: ConvertConfig }),
  needs: {
    sessions: Tokens.Sessions,
    runtime: Tokens.Runtime,
    shutdown: Tokens.Shutdown,
    eventLog: Tokens.EventLog,
  },
  wants: {
    clock: Tokens.Clock,
    plugins: Tokens.Plugins,
    apps: Tokens.Apps,
    moving: Tokens.SessionMoving,
    backups: Tokens.Backups,
    queue: Tokens.SendQueue,
  },
  async setup({
    name,
    config,
    services: { sessions, moving, backups, runtime, shutdown, eventLog, clock = systemClock, plugins, apps, queue },
    http,
    log,
    contribute,
  }) {
    const newId = async (session: string) => (await sessions.client(session)).messageIds?.create();
    const once = await Once.open(eventLog.database, { now: () => clock.now(), log, newId });
    const converter = new Converter(config.convert);
    const groups = groupsOf({
      sessions,
      moving,
      backups,
      http,
      once,
      sameId: new SameId(),
      converter,
      stickers: new StickerMaker(),
      runtime,
      shutdown,
      clock,
      plugins,
      apps,
      queue,
    });
    for (const group of groups) contribute(Points.Routes, group);
    contribute(Points.SessionData, { name, remove: (session) => once.forget(session) });
    contribute(Points.Pages, passkeyPage);
  },
});
