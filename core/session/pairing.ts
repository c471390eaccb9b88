import type { Timings } from '../config/schema.ts';
import type { Clock } from '../contracts/clock.ts';
import { phoneDigits } from '../contracts/phone-number.ts';
import type { PairingCode, SessionStatus } from '../contracts/session.ts';
import { withDeadline } from '../deadline.ts';
import { badRequest, connectionLost, isRuntimeError, tooManyRequests } from '../errors.ts';
import { notInStatus } from './not-in-status.ts';
import type { Session } from './session.ts';

/** How long WhatsApp may take to accept a request for a code (ms). */
const requestLimit = 15_000;

/** No code is believed to live longer, whatever the engine says (ms): the session waits for it with no other deadline. */
const longestLife = 180_000;

/** From when on WhatsApp may be asked for a code of a session again. */
const freeFrom = new WeakMap<Session, number>();

/**
 * A pairing code for the phone with this number: the live one again, or a new one. Waits for the first QR code,
 * since WhatsApp takes the request only then. Rejects with `BAD_REQUEST` for what is no number, and with
 * `TOO_MANY_REQUESTS` right after another one, and for as long as WhatsApp says when it refused one: it locks accounts out
 * that ask too often.
 */
export const pairingCode = async (
  session: Session,
  text: string,
  { clock, timings }: { clock: Clock; timings: Timings },
): Promise<PairingCode> => {
  const digits = normalise(text);
  const pairingSoon = (it: Session) => it.status === 'STARTING' || it.status === 'SCAN_QR_CODE';
  await session.until((it) => it.context.pairing !== null || !pairingSoon(it), timings.qrWait);
  const { pairing, pairingCode: live } = session.context;
  // A phone that has scanned is being linked, perhaps by passkey: WhatsApp must not be asked for anything else meanwhile.
  if (pairing === null || session.status !== 'SCAN_QR_CODE') throw notInStatus(session, 'SCAN_QR_CODE');
  if (live && live.phoneNumber === digits && live.expiresAt > clock.now()) return publicPart(live);
  coolDown(session, clock.now(), timings.pairingCooldown);
  const request = pairing.requestCode(digits).catch((error: unknown) => {
    if (isRuntimeError(error, 'TOO_MANY_REQUESTS')) pause(session, clock.now(), error.details.retryAfterSeconds ?? 0);
    throw error;
  });
  const given = await withDeadline(request, requestLimit, clock, () => connectionLost(session.name));
  const code = { ...given, expiresAt: Math.min(given.expiresAt, clock.now() + longestLife) };
  session.send({ type: 'pairing.code', code: { ...code, phoneNumber: digits } });
  return code;
};

const coolDown = (session: Session, now: number, cooldown: number): void => {
  const free = freeFrom.get(session) ?? now;
  if (now < free) {
    const seconds = Math.ceil((free - now) / 1000);
    throw tooManyRequests(`session '${session.name}' may ask WhatsApp for a code again in ${seconds} s`, seconds);
  }
  freeFrom.set(session, now + cooldown);
};

const pause = (session: Session, now: number, seconds: number): void => {
  freeFrom.set(session, Math.max(freeFrom.get(session) ?? now, now + seconds * 1000));
};

/** Digits alone, as WhatsApp wants them. */
const normalise = (text: string): string => {
  const digits = phoneDigits(text);
  if (digits === null) {
    throw badRequest('phoneNumber must be 7 to 15 digits with the country code, such as 12132132130');
  }
  return digits;
};

const publicPart = ({ code, expiresAt }: PairingCode): PairingCode => ({ code, expiresAt });

/** Whether a code is there, or may be in a moment. */
export const isPairingSoon = (status: SessionStatus): boolean => status === 'STARTING' || status === 'SCAN_QR_CODE';
