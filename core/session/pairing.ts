import type { Timings } from '../config/schema.ts';
import type { Clock } from '../contracts/clock.ts';
import { phoneDigits } from '../contracts/phone-number.ts';
import type { PairingCode } from '../contracts/session.ts';
import { withDeadline } from '../deadline.ts';
import { badRequest, connectionLost, sessionStatus, tooManyRequests } from '../errors.ts';
import type { Session } from './session.ts';

/** How long WhatsApp may take to accept a request for a code (ms). */
const requestLimit = 15_000;

/** No code is believed to live longer, whatever the engine says (ms): the session waits for it with no other deadline. */
const longestLife = 180_000;

/** When WhatsApp was last asked for a code of a session. */
const lastRequests = new WeakMap<Session, number>();

/**
 * A pairing code for the phone with this number: the live one again, or a new one. Waits for the first QR code,
 * since WhatsApp takes the request only then. Rejects with `BAD_REQUEST` for what is no number, and with
 * `TOO_MANY_REQUESTS` right after another one: WhatsApp locks accounts out that ask too often.
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
  if (pairing === null) throw sessionStatus(session.name, session.status, ['SCAN_QR_CODE']);
  if (live && live.phoneNumber === digits && live.expiresAt > clock.now()) return publicPart(live);
  coolDown(session, clock.now(), timings.pairingCooldown);
  const request = pairing.requestCode(digits);
  const given = await withDeadline(request, requestLimit, clock, () => connectionLost(session.name));
  const code = { ...given, expiresAt: Math.min(given.expiresAt, clock.now() + longestLife) };
  session.send({ type: 'pairing.code', code: { ...code, phoneNumber: digits } });
  return code;
};

const coolDown = (session: Session, now: number, cooldown: number): void => {
  const free = (lastRequests.get(session) ?? Number.NEGATIVE_INFINITY) + cooldown;
  if (now < free) {
    const seconds = Math.ceil((free - now) / 1000);
    throw tooManyRequests(`session '${session.name}' asked WhatsApp for a code just now`, seconds);
  }
  lastRequests.set(session, now);
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
