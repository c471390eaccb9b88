import { definePlugin, Points, Tokens } from 'waha-runtime';
import { chatsMessagesGroup } from './chats-messages.ts';
import { chattingGroup } from './chatting.ts';
import { eventGroup } from './events.ts';
import { checkExistsGroup } from './numbers.ts';
import { observabilityGroup } from './observability.ts';
import { Once } from './once.ts';
import { pairingGroup } from './pairing.ts';
import { pluginGroup } from './plugins.ts';
import { presenceGroup } from './presence.ts';
import { sessionGroup } from './sessions.ts';

/** The operations of WAHA's HTTP API, as routes for whichever server is loaded. */
export default definePlugin({
  name: 'waha-api',
  description: "The operations of WAHA's HTTP API",
  needs: { sessions: Tokens.Sessions, runtime: Tokens.Runtime },
  wants: { eventLog: Tokens.EventLog, clock: Tokens.Clock, plugins: Tokens.Plugins },
  setup({ services: { sessions, runtime, eventLog, clock = systemClock, plugins }, http, log, contribute, onReady }) {
    const newId = async (session: string) => (await sessions.client(session)).messageIds?.create();
    const once = new Once({ now: () => clock.now(), log, newId });
    const parts = { sessions, http, once };
    contribute(Points.Routes, pairingGroup(sessions));
    contribute(Points.Routes, sessionGroup(sessions));
    contribute(Points.Routes, chattingGroup(parts));
    contribute(Points.Routes, chatsMessagesGroup(parts));
    contribute(Points.Routes, checkExistsGroup(sessions));
    contribute(Points.Routes, presenceGroup(sessions));
    contribute(Points.Routes, eventGroup());
    contribute(Points.Routes, observabilityGroup(runtime));
    if (plugins) contribute(Points.Routes, pluginGroup(plugins));
    if (eventLog) onReady(() => once.open(eventLog.database));
  },
});

const systemClock = { now: () => Date.now() };
