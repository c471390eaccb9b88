import type { EventSink, RuntimeEvent, UncommittedEvent } from 'waha-runtime';
import type { FileKey } from 'waha-runtime/storage';
import { isFileName } from 'waha-runtime/storage';
import type { FileIndex } from './file-index.ts';

/** Notes, in the commit of an event, which file it names. */
export const fileEventSink = (name: string, index: () => FileIndex | undefined): EventSink => ({
  name,
  accepts: (event) => fileOf(event) !== null,
  rows: ({ cursor, event }: UncommittedEvent) => {
    const [key, kept] = [fileOf(event), index()];
    return key && kept ? [kept.mentioning(cursor, key)] : [];
  },
  deliver: () => undefined,
});

/** The file of a message that an event tells of. */
const fileOf = ({ session, payload }: RuntimeEvent): FileKey | null => {
  const url = 'media' in payload ? (payload.media as { readonly url?: unknown } | null)?.url : undefined;
  if (typeof url !== 'string') return null;
  const [place, name = ''] = url.split('/').slice(-2);
  return place === session && isFileName(name) ? { session, name } : null;
};
