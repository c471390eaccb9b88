import type { ConnectionState } from '@whiskeysockets/baileys';
import type { ReachoutTimelock } from 'waha-runtime/engine';
import type { BaileysSocket } from '../socket/socket.ts';

/** WhatsApp's refusal of a message to somebody new, from an account that wrote to too many of them. */
const RESTRICTED = '463';

/**
 * Watches for WhatsApp's restriction of the account. WhatsApp announces it; and when it refuses a message for it, it is
 * asked for the details, which Baileys means to do and does not (it takes 463 for something else first).
 */
export const watchRestriction = (sock: BaileysSocket, tell: (restriction: ReachoutTimelock | null) => void): void => {
  sock.ev.on('connection.update', ({ reachoutTimeLock }) => {
    if (reachoutTimeLock) tell(restrictionOf(reachoutTimeLock));
  });
  sock.ws.on('CB:ack,class:message', ({ attrs }: { attrs: Record<string, string> }) => {
    if (attrs['error'] === RESTRICTED) sock.fetchAccountReachoutTimelock().catch(() => undefined);
  });
};

/** What Baileys tells of it, in our words; null when there is none. */
const restrictionOf = (lock: NonNullable<ConnectionState['reachoutTimeLock']>): ReachoutTimelock | null => {
  if (!lock.isActive) return null;
  const ends = lock.timeEnforcementEnds?.getTime();
  return { timeEnforcementEnds: ends ?? null, enforcementType: lock.enforcementType ?? null };
};
