import { hash, randomBytes } from 'node:crypto';
import { encodeTime } from 'ulid';
import type { EventName } from '../contracts/event-names.ts';
import type { Publication, RuntimeEvent } from '../contracts/events.ts';
import { environmentOf, type RuntimeInfo } from '../contracts/runtime-info.ts';
import { currentTraceparent } from '../stray-errors.ts';

const crockford = '0123456789abcdefghjkmnpqrstvwxyz';

/** {@link factLength} characters (80 bits) in ULID's alphabet, of bytes in Latin-1: a digest as text costs half of one as a `Buffer`. */
const part = (bytes: string): string => {
  let text = '';
  for (let index = 0; index < 16; index++) text += crockford[bytes.charCodeAt(index) & 31];
  return text;
};

let encodedTime = Number.NaN;
let encoded = '';

/** The first ten characters of an id. What happens at once is published under several names: the last time is remembered. */
const timePart = (timestamp: number): string => {
  if (timestamp !== encodedTime) {
    encoded = encodeTime(timestamp).toLowerCase();
    encodedTime = timestamp;
  }
  return encoded;
};

/**
 * `evt_` and a lower-case ULID: the time, and with an identity what is derived from session, event and identity alone. So the
 * same WhatsApp fact is known when it is delivered again, even under another time ({@link factOf}).
 */
export const eventId = (publication: Publication, timestamp: number): string => {
  // Not `ulid()`: it asks for randomness sixteen times, a twentieth of what an inbound message costs in all.
  const time = timePart(timestamp);
  if (publication.identity === undefined) return `evt_${time}${part(randomBytes(16).toString('latin1'))}`;
  const seed = JSON.stringify([publication.session, publication.event, publication.identity]);
  return `evt_${time}${part(hash('sha256', seed, 'binary'))}`;
};

/** How much of an id is derived from its fact, or random. */
const factLength = 16;

/**
 * What an id says of its fact: the same for one that comes again under another time, as what WhatsApp sends again after a retry
 * does.
 */
export const factOf = (id: string): string => id.slice(-factLength);

/** The latest time that an id can say (ms). */
const latestTime = 2 ** 48 - 1;

/** Sorts before the ids of all events from this time on (ms), and behind those of all before it. */
export const idsFrom = (time: number): string =>
  `evt_${encodeTime(Math.min(Math.max(time, 0), latestTime)).toLowerCase()}`;

/** The event as every sink gets it. Throws a `TypeError` for a publication without the strings that an event is found by. */
export const envelope = <N extends EventName>(
  publication: Publication<N>,
  info: RuntimeInfo,
  now: number,
): RuntimeEvent => {
  const { event, session } = publication as { readonly event: unknown; readonly session: unknown };
  if (typeof event !== 'string' || typeof session !== 'string')
    throw new TypeError('an event has a name and a session');
  const timestamp = publication.timestamp ?? now;
  const traceparent = publication.traceparent ?? currentTraceparent();
  return {
    id: eventId(publication, timestamp),
    timestamp,
    event: publication.event,
    session: publication.session,
    // Before anything that a user chose: whoever passes an event on finds it near its beginning.
    ...(traceparent === undefined ? {} : { traceparent }),
    metadata: publication.metadata ?? {},
    ...(publication.me ? { me: publication.me } : {}),
    payload: publication.payload,
    engine: publication.engine,
    environment: environmentOf(info, publication.engine),
  } as RuntimeEvent;
};
