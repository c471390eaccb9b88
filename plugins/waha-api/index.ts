import { type Clock, definePlugin, Points, Tokens, Type } from 'waha-runtime';
import { callsGroup } from './calls.ts';
import { chatsGroup } from './chats.ts';
import { chatsMessagesGroup } from './chats-messages.ts';
import { chatsWritingGroup } from './chats-writing.ts';
import { chattingGroup } from './chatting.ts';
import { contactsGroup } from './contacts.ts';
import { contactsWritingGroup } from './contacts-writing.ts';
import { ConvertConfig, Converter } from './convert.ts';
import { eventGroup } from './events.ts';
import { mediaGroup } from './media.ts';
import { checkExistsGroup } from './numbers.ts';
import { observabilityGroup } from './observability.ts';
import { Once } from './once.ts';
import { pairingGroup } from './pairing.ts';
import { pluginGroup } from './plugins.ts';
import { presenceGroup } from './presence.ts';
import { profileGroup } from './profile.ts';
import { sessionGroup } from './sessions.ts';

/** The operations of WAHA's HTTP API, as routes for whichever server is loaded. */
export default definePlugin({
  name: 'waha-api',
  description: "The operations of WAHA's HTTP API",
  config: Type.Object({ convert: ConvertConfig }),
  needs: { sessions: Tokens.Sessions, runtime: Tokens.Runtime, shutdown: Tokens.Shutdown },
  wants: { eventLog: Tokens.EventLog, clock: Tokens.Clock, plugins: Tokens.Plugins },
  setup({
    config,
    services: { sessions, runtime, shutdown, eventLog, clock = systemClock, plugins },
    http,
    log,
    contribute,
    onReady,
  }) {
    const newId = async (session: string) => (await sessions.client(session)).messageIds?.create();
    const once = new Once({ now: () => clock.now(), log, newId });
    const parts = { sessions, http, once, converter: new Converter(config.convert) };
    contribute(Points.Routes, pairingGroup(sessions));
    contribute(Points.Routes, sessionGroup(sessions));
    contribute(Points.Routes, chattingGroup(parts));
    contribute(Points.Routes, chatsMessagesGroup(parts));
    contribute(Points.Routes, chatsGroup(sessions));
    contribute(Points.Routes, contactsGroup(sessions));
    contribute(Points.Routes, checkExistsGroup(sessions));
    contribute(Points.Routes, chatsWritingGroup(sessions));
    contribute(Points.Routes, contactsWritingGroup(sessions));
    contribute(Points.Routes, profileGroup(parts));
    contribute(Points.Routes, callsGroup(sessions));
    contribute(Points.Routes, presenceGroup(sessions));
    contribute(Points.Routes, mediaGroup(parts));
    contribute(Points.Routes, eventGroup());
    contribute(Points.Routes, observabilityGroup(runtime, shutdown, clock));
    if (plugins) contribute(Points.Routes, pluginGroup(plugins));
    if (eventLog) onReady(() => once.open(eventLog.database));
  },
});

const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (action, milliseconds) => setTimeout(action, milliseconds),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};
