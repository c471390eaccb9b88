import type { Timings } from '../config/schema.ts';
import type { Clock } from '../contracts/clock.ts';
import type { PairingCode } from '../contracts/session.ts';
import { withDeadline } from '../deadline.ts';
import { badRequest, connectionLost, sessionStatus } from '../errors.ts';
import type { Session } from './session.ts';

/** How long WhatsApp may take to accept a request for a code (ms). */
const requestLimit = 15_000;

/**
 * A pairing code for the phone with this number: the live one again, or a new one. Waits for the first QR code,
 * since WhatsApp takes the request only then. Rejects with `BAD_REQUEST` for what is no number.
 */
export const pairingCode = async (
  session: Session,
  phoneNumber: string,
  { clock, timings }: { clock: Clock; timings: Timings },
): Promise<PairingCode> => {
  const digits = normalise(phoneNumber);
  const pairingSoon = (it: Session) => it.status === 'STARTING' || it.status === 'SCAN_QR_CODE';
  await session.until((it) => it.context.pairing !== null || !pairingSoon(it), timings.qrWait);
  const { pairing, pairingCode: live } = session.context;
  if (pairing === null) throw sessionStatus(session.name, session.status, ['SCAN_QR_CODE']);
  if (live && live.phoneNumber === digits && live.expiresAt > clock.now()) return publicPart(live);
  const request = pairing.requestCode(digits);
  const code = await withDeadline(request, requestLimit, clock, () => connectionLost(session.name));
  session.send({ type: 'pairing.code', code: { ...code, phoneNumber: digits } });
  return code;
};

/** Digits alone, as WhatsApp wants them: no `+`, no spaces, no leading zeros. */
const normalise = (phoneNumber: string): string => {
  const digits = phoneNumber.replace(/[\s()+.-]/g, '').replace(/^0+/, '');
  if (!/^\d{7,15}$/.test(digits)) {
    throw badRequest('phoneNumber must be 7 to 15 digits with the country code, such as 12132132130');
  }
  return digits;
};

const publicPart = ({ code, expiresAt }: PairingCode): PairingCode => ({ code, expiresAt });
