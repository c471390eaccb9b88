import type { Status } from '../api/shapes.ts';

/** The statuses of a session as people read them. */
export const statusWords: Readonly<Record<Status, string>> = {
  WORKING: 'Working',
  SCAN_QR_CODE: 'Scan QR code',
  PASSKEY_REQUIRED: 'Passkey required',
  PASSKEY_CONFIRMATION_REQUIRED: 'Confirm passkey',
  STARTING: 'Starting',
  FAILED: 'Failed',
  STOPPED: 'Stopped',
};

/** The reasons of the runtime (`statusReasons`) as people read them; a test knows the ones that are missing. */
export const reasonWords: Readonly<Record<string, string>> = {
  network: 'WhatsApp cannot be reached',
  unavailable: 'WhatsApp is not available now',
  start_timeout: 'the start took too long',
  restart_required: 'WhatsApp asked for a new connection',
  qr_timeout: 'nobody scanned the code in time',
  logged_out: 'logged out on the phone',
  device_removed: 'the phone removed this device',
  replaced: 'another client opened this account',
  passkey_refused: 'WhatsApp refused the passkey',
  passkey_timeout: 'nobody signed or confirmed the passkey in time',
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
