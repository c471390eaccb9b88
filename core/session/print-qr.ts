import type { EventBus } from '../contracts/events.ts';
import type { Log } from '../contracts/log.ts';
import type { SessionStatusPayload } from '../contracts/session.ts';
import type { Sessions } from '../contracts/sessions.ts';
import { sentence } from '../errors.ts';

/** Shows every new QR code in the terminal. */
export const printQrCodes = (bus: EventBus, sessions: Sessions, log: Log): void => {
  bus.subscribe('print-qr', (event) => {
    if (event.event !== 'session.status') return;
    const { status, note } = event.payload as SessionStatusPayload;
    if (status !== 'SCAN_QR_CODE') return;
    print(event.session, sessions, note).catch((error) => {
      log.debug({ session: event.session }, `the QR code could not be printed: ${sentence(error)}`);
    });
  });
};

const print = async (session: string, sessions: Sessions, note?: string): Promise<void> => {
  const { value } = await sessions.qr(session);
  const { default: qrcode } = await import('qrcode');
  const picture = await qrcode.toString(value, { type: 'terminal', small: true });
  process.stdout.write(`${note ? `${note}.\n` : ''}Scan to link session '${session}':\n${picture}\n`);
};
