import type { WAMessage as RawMessage } from '@whiskeysockets/baileys';
import type { Log, MetricSource, Sample } from 'waha-runtime';
import { typeOf } from '../messages/content.ts';

/**
 * Why there is no event for something that WhatsApp handed over. `internal` and `note`: it concerns apps only. `unknown`: its
 * type is newer than this program. `refused`: its sender may not do that. `dropped`: the library could not read it.
 */
export type IgnoredReason = 'internal' | 'note' | 'unknown' | 'refused' | 'dropped';

/** Counts what has no event: nothing that WhatsApp hands over vanishes without a trace. All sessions share it. */
export class IgnoredMessages implements MetricSource {
  readonly name = 'baileys';
  readonly #counts = new Map<string, { reason: IgnoredReason; type: string; value: number }>();

  add(raw: RawMessage, reason: IgnoredReason, log: Log): void {
    const type = typeOf(raw);
    const place = `${reason} ${type}`;
    const count = this.#counts.get(place) ?? { reason, type, value: 0 };
    count.value += 1;
    this.#counts.set(place, count);
    const fields = { id: raw.key.id, chat: raw.key.remoteJid, type };
    if (reason === 'refused') log.warn(fields, 'somebody tried to change a message that is not theirs to change');
    else if (reason === 'unknown') log.warn(fields, 'a message of a type that is not known here came');
    else if (reason === 'dropped') log.warn(fields, 'a message could not be read');
    else log.debug(fields, 'something came that is no event');
  }

  collect(): readonly Sample[] {
    const help = 'What WhatsApp handed over without an event, by its type and why there is none.';
    return [...this.#counts.values()].map(({ reason, type, value }) => ({
      ...({ type: 'counter', name: 'waha_messages_ignored_total', help, value } as const),
      labels: { reason, type },
    }));
  }
}
