import type { Outlook, Status } from '../api/shapes.ts';
import { fromNow, now } from '../live/clock.ts';

const words: Readonly<Record<Status, string>> = {
  WORKING: 'Working',
  SCAN_QR_CODE: 'Scan QR code',
  PASSKEY_REQUIRED: 'Passkey required',
  PASSKEY_CONFIRMATION_REQUIRED: 'Confirm passkey',
  STARTING: 'Starting',
  FAILED: 'Failed',
  STOPPED: 'Stopped',
};

export const statusWord = (status: Status): string => words[status] ?? status;

export function StatusBadge({ status }: { readonly status: Status }) {
  return <span class={`badge status-${status.toLowerCase().replaceAll('_', '-')}`}>{statusWord(status)}</span>;
}

const reasons: Readonly<Record<string, string>> = {
  network: 'WhatsApp cannot be reached',
  unavailable: 'WhatsApp is not available now',
  start_timeout: 'the start took too long',
  restart_required: 'WhatsApp asked for a new connection',
  qr_timeout: 'nobody scanned the code in time',
  logged_out: 'logged out on the phone',
  device_removed: 'the phone removed this device',
  replaced: 'another client opened this account',
  banned: 'WhatsApp banned the account',
  locked: 'WhatsApp locked the account',
  client_outdated: 'WhatsApp refuses this version of the client',
  multidevice_mismatch: 'the phone does not take linked devices',
  wrong_phone_number: 'another phone number than expected',
  bad_session: 'WhatsApp does not know the keys',
  corrupt_auth: 'the stored keys are damaged',
  storage: 'the storage failed',
  proxy: 'the proxy failed',
  deaf: 'the connection was silent',
  engine_error: 'the engine failed',
};

export const reasonWord = (reason: string): string => reasons[reason] ?? reason;

/** Why it does not work, and when it is tried again. */
export function OutlookLine({ reason, note, attempt, nextRetryAt, recoverable }: Outlook) {
  if (!reason && !nextRetryAt) return null;
  const at = now.value;
  return (
    <span class="outlook">
      {reason && <span title={note ?? reason}>{reasonWord(reason)}</span>}
      {nextRetryAt !== undefined && (
        <span class="retry">
          {nextRetryAt > at ? `next try ${fromNow(nextRetryAt, at)}` : 'trying now'}
          {attempt !== undefined && ` (attempt ${attempt})`}
        </span>
      )}
      {reason && recoverable === false && nextRetryAt === undefined && <span class="retry">needs you</span>}
    </span>
  );
}
