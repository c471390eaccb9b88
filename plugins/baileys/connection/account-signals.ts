import type { EngineSignal } from 'waha-runtime/engine';
import type { AuthState } from '../credentials/auth-state.ts';
import { watchPhone } from './phone-signs.ts';
import type { Live } from './wiring.ts';

/** Signals how the account stands with WhatsApp: its limits, and signs of life of its phone. */
export const signalAccountState = (
  { sock, limits }: Pick<Live, 'sock' | 'limits'>,
  auth: Pick<AuthState, 'creds'>,
  now: () => number,
  signal: (signal: EngineSignal) => void,
): void => {
  limits.tell({
    restriction: (restriction) => signal({ type: 'engine.restriction', restriction }),
    capping: (capping) => signal({ type: 'engine.capping', capping }),
  });
  watchPhone(sock, auth, now, (seenAt) => signal({ type: 'engine.phone', seenAt }));
};
