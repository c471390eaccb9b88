import type { Outlook, Status } from '../api/shapes.ts';
import { fromNow, now } from '../live/clock.ts';
import { reasonWords, statusWords } from './status-words.ts';

export const statusWord = (status: Status): string => statusWords[status] ?? status;

export function StatusBadge({ status }: { readonly status: Status }) {
  return <span class={`badge status-${status.toLowerCase().replaceAll('_', '-')}`}>{statusWord(status)}</span>;
}

export const reasonWord = (reason: string): string => reasonWords[reason] ?? reason;

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
