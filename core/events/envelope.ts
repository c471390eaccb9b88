import { createHash } from 'node:crypto';
import { ulid } from 'ulid';
import type { EventName } from '../contracts/event-names.ts';
import type { Publication, RuntimeEvent } from '../contracts/events.ts';
import type { RuntimeInfo } from '../contracts/runtime-info.ts';

const crockford = '0123456789abcdefghjkmnpqrstvwxyz';

/** 16 characters (80 bits) from a seed, in ULID's alphabet. */
const seededPart = (seed: string): string => {
  const digest = createHash('sha256').update(seed).digest();
  let text = '';
  for (let index = 0; index < 16; index++) text += crockford[(digest[index] ?? 0) & 31];
  return text;
};

/**
 * `evt_` and a lower-case ULID. With an identity it is derived from session, event and identity alone: the same
 * WhatsApp fact, delivered again, has the same id.
 */
export const eventId = (publication: Publication, timestamp: number): string => {
  const random = ulid(timestamp).toLowerCase();
  if (publication.identity === undefined) return `evt_${random}`;
  const seed = JSON.stringify([publication.session, publication.event, publication.identity]);
  return `evt_${random.slice(0, 10)}${seededPart(seed)}`;
};

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
