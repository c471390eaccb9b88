import { createHash, randomBytes } from 'node:crypto';
import { encodeTime } from 'ulid';
import type { EventName } from '../contracts/event-names.ts';
import type { Publication, RuntimeEvent } from '../contracts/events.ts';
import type { RuntimeInfo } from '../contracts/runtime-info.ts';

const crockford = '0123456789abcdefghjkmnpqrstvwxyz';

/** 16 characters (80 bits) in ULID's alphabet. */
const part = (bytes: Uint8Array): string => {
  let text = '';
  for (let index = 0; index < 16; index++) text += crockford[(bytes[index] ?? 0) & 31];
  return text;
};

/**
 * `evt_` and a lower-case ULID. With an identity it is derived from session, event and identity alone: the same
 * WhatsApp fact, delivered again, has the same id.
 */
export const eventId = (publication: Publication, timestamp: number): string => {
  // Not `ulid()`: it asks for randomness sixteen times, a twentieth of what an inbound message costs in all.
  const time = encodeTime(timestamp).toLowerCase();
  if (publication.identity === undefined) return `evt_${time}${part(randomBytes(16))}`;
  const seed = JSON.stringify([publication.session, publication.event, publication.identity]);
  return `evt_${time}${part(createHash('sha256').update(seed).digest())}`;
};

/** The latest time that an id can say (ms). */
const latestTime = 2 ** 48 - 1;

/** Sorts before the ids of all events from this time on (ms), and behind those of all before it. */
export const idsFrom = (time: number): string =>
  `evt_${encodeTime(Math.min(Math.max(time, 0), latestTime)).toLowerCase()}`;

/** The event as every sink gets it. */
export const envelope = <N extends EventName>(
  publication: Publication<N>,
  info: RuntimeInfo,
  now: number,
): RuntimeEvent => {
  const timestamp = publication.timestamp ?? now;
  return {
    id: eventId(publication, timestamp),
    timestamp,
    event: publication.event,
    session: publication.session,
    metadata: publication.metadata ?? {},
    ...(publication.me ? { me: publication.me } : {}),
    payload: publication.payload,
    engine: publication.engine,
    environment: { version: info.version, engine: publication.engine, tier: info.tier },
  } as RuntimeEvent;
};
