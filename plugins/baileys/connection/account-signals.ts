import type { EngineSignal } from 'waha-runtime/engine';
import type { AuthState } from '../credentials/auth-state.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import { watchPhone } from './phone-signs.ts';
import { watchRestriction } from './restriction.ts';

/** Signals how the account stands with WhatsApp: its restrictions, and signs of life of its phone. */
export const signalAccountState = (
  sock: BaileysSocket,
  auth: Pick<AuthState, 'creds'>,
  now: () => number,
  signal: (signal: EngineSignal) => void,
): void => {
  watchRestriction(sock, (restriction) => signal({ type: 'engine.restriction', restriction }));
  watchPhone(sock, auth, now, (seenAt) => signal({ type: 'engine.phone', seenAt }));
};
