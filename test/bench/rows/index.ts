import type { Row } from '../row.ts';
import { boot } from './boot.ts';
import { commits } from './commits.ts';
import { disk } from './disk.ts';
import { endpoints } from './endpoints.ts';
import { further } from './further.ts';
import { group } from './group.ts';
import { groups } from './groups.ts';
import { requests } from './http.ts';
import { idle } from './idle.ts';
import { type InboundGoals, inbound } from './inbound.ts';
import { largeGroup } from './large-group.ts';
import { link } from './link.ts';
import { outbound } from './outbound.ts';
import { outbox } from './outbox.ts';
import { plugins } from './plugins.ts';
import { qr } from './qr.ts';
import { signatures } from './signatures.ts';
import { soak } from './soak.ts';
import { store } from './store.ts';
import { webSocket } from './websocket.ts';

/** What inbound messages must reach with so many sessions. */
const goals = (sessions: number): InboundGoals => ({
  ...(sessions === 1 || sessions === 100 ? { bare: { at: 'least', ratio: 0.7 } } : {}),
  own: { at: 'least', ratio: sessions > 100 ? 0.75 : 0.85 },
});

/** Every row, in the order in which they are measured: those with few sessions come first. */
export const rows: readonly Row[] = [
  boot,
  plugins,
  requests,
  signatures,
  commits,
  endpoints,
  outbox,
  store,
  groups,
  qr,
  inbound(1, goals),
  disk,
  webSocket(1),
  group,
  outbound,
  largeGroup,
  soak,
  inbound('all', goals),
  webSocket('all'),
  link,
  idle,
  further,
];
