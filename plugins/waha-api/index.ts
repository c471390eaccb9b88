import { definePlugin, Points, Tokens } from 'waha-runtime';
import { chattingGroup } from './chatting.ts';
import { eventGroup } from './events.ts';
import { observabilityGroup } from './observability.ts';
import { pairingGroup } from './pairing.ts';
import { sessionGroup } from './sessions.ts';

/** The operations of WAHA's HTTP API, as routes for whichever server is loaded. */
export default definePlugin({
  name: 'waha-api',
  description: "The operations of WAHA's HTTP API",
  needs: { sessions: Tokens.Sessions, runtime: Tokens.Runtime },
  setup({ services: { sessions, runtime }, contribute }) {
    contribute(Points.Routes, pairingGroup(sessions));
    contribute(Points.Routes, sessionGroup(sessions));
    contribute(Points.Routes, chattingGroup(sessions));
    contribute(Points.Routes, eventGroup());
    contribute(Points.Routes, observabilityGroup(runtime));
  },
});
