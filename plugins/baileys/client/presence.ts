import type { PresenceData, WAPresence } from '@whiskeysockets/baileys';
import type { ChatPresence, Presence, PresencePayload } from 'waha-runtime/engine';
import { chatIdOf, jidOf } from '../ids.ts';
import type { OtherNames } from '../inbound/other-names.ts';
import type { Outgoing } from './outgoing.ts';

const toWhatsApp: Record<ChatPresence, WAPresence> = {
  typing: 'composing',
  recording: 'recording',
  paused: 'paused',
};

type KnownPresence = PresencePayload['presences'][number]['lastKnownPresence'];
const fromWhatsApp: Record<WAPresence, KnownPresence> = {
  available: 'online',
  unavailable: 'offline',
  composing: 'typing',
  recording: 'recording',
  paused: 'paused',
};

/** Shows others what we are doing. */
export class BaileysPresence implements Presence {
  readonly #outgoing: Outgoing;

  constructor(outgoing: Outgoing) {
    this.#outgoing = outgoing;
  }

  setChatState(chatId: string, state: ChatPresence): Promise<void> {
    const jid = jidOf(chatId);
    return this.#outgoing.call('the chat state', (sock) => sock.sendPresenceUpdate(toWhatsApp[state], jid));
  }

  setOnline(online: boolean): Promise<void> {
    return this.#outgoing.call('the presence', (sock) => sock.sendPresenceUpdate(online ? 'available' : 'unavailable'));
  }
}

/** The same with the other name of each person, where it is known. */
export const withOtherNames = async (
  payload: PresencePayload,
  names: Pick<OtherNames, 'of'>,
): Promise<PresencePayload> => {
  const named = payload.presences.map(async ({ participant, ...presence }) => {
    const other = await names.of(participant);
    return { participant, ...(other ? { participantAlt: chatIdOf(other) } : {}), ...presence };
  });
  return { ...payload, presences: await Promise.all(named) };
};

/** What others are doing, as WAHA tells it. */
export const presencePayload = (jid: string, presences: Record<string, PresenceData>): PresencePayload => ({
  id: chatIdOf(jid),
  presences: Object.entries(presences).map(([participant, { lastKnownPresence, lastSeen }]) => ({
    participant: chatIdOf(participant),
    lastKnownPresence: fromWhatsApp[lastKnownPresence] ?? 'offline',
    lastSeen: lastSeen ?? null,
  })),
});
