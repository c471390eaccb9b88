import type { CloseReason } from '../contracts/engine.ts';
import type { StatusReason } from '../contracts/session.ts';

/** What a session does when its connection ended. */
interface Consequence {
  /**
   * `retry`: connects again for as long as it takes. `fail`: trying again mends nothing. `unlink`: the account is no longer
   * linked, so the credentials are moved aside and a new link is needed. A number: `retry`, and `fail` after so many of this
   * kind before it worked again.
   */
  readonly does: 'retry' | 'fail' | 'unlink' | number;
  /** The reason that users see; null for our own doing. */
  readonly shown: StatusReason | null;
  /** Waits longer before it tries again: the other side has to recover first, or to let go. */
  readonly slowly?: boolean;
}

/** Every reason for the end of a connection; one that is missing here does not compile. */
const consequences = {
  network: { does: 'retry', shown: 'network' },
  proxy: { does: 'retry', shown: 'proxy' },
  unavailable: { does: 'retry', shown: 'unavailable', slowly: true },
  replaced: { does: 'retry', shown: 'replaced', slowly: true },
  storage: { does: 'retry', shown: 'storage', slowly: true },
  restart_required: { does: 'retry', shown: 'restart_required' },
  qr_refs_ended: { does: 'retry', shown: 'network' },
  closed: { does: 'retry', shown: null },
  client_outdated: { does: 1, shown: 'client_outdated' },
  bad_session: { does: 3, shown: 'bad_session' },
  engine_error: { does: 5, shown: 'engine_error' },
  logged_out: { does: 'unlink', shown: 'logged_out' },
  device_removed: { does: 'unlink', shown: 'device_removed' },
  banned: { does: 'fail', shown: 'banned' },
  locked: { does: 'fail', shown: 'locked' },
  multidevice_mismatch: { does: 'fail', shown: 'multidevice_mismatch' },
  corrupt_auth: { does: 'fail', shown: 'corrupt_auth' },
} as const satisfies Record<CloseReason, Consequence>;

/** What a session does when its connection ended for this reason. */
export const consequenceOf = (reason: CloseReason): Consequence => consequences[reason];

/** What a linking by passkey failed of. It stays what people are told until they are linked. */
export const isPasskeyReason = (reason: StatusReason | null): boolean =>
  reason === 'passkey_refused' || reason === 'passkey_timeout';

/** Whether it waits longer before it tries again. */
export const isSlow = (reason: StatusReason): boolean =>
  reason in consequences && consequenceOf(reason as CloseReason).slowly === true;
