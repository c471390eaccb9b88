import type { Row } from '../row.ts';
import { boot } from './boot.ts';
import { commits } from './commits.ts';
import { endpoints } from './endpoints.ts';
import { group } from './group.ts';
import { requests } from './http.ts';
import { idle } from './idle.ts';
import { inbound } from './inbound.ts';
import { link } from './link.ts';
import { outbound } from './outbound.ts';
import { outbox } from './outbox.ts';
import { plugins } from './plugins.ts';
import { signatures } from './signatures.ts';

/** Every row, in the order in which they are measured: those with few sessions come first. */
export const rows: readonly Row[] = [
  boot,
  plugins,
  requests,
  signatures,
  commits,
  endpoints,
  outbox,
  inbound(1, { at: 'least', ratio: 0.7 }, true),
  group,
  outbound,
  inbound('all', { at: 'least', ratio: 4 }, false),
  link,
  idle,
];
