import { createHash } from 'node:crypto';
import { extension } from 'mime-types';
import type { ReceivedFile } from 'waha-runtime';
import { type FileKey, isFileName } from 'waha-runtime/storage';

const UNKNOWN = 'application/octet-stream';

/** WAHA's path of a file: `{session}/{messageId}.{ext}`. What a sender made up never becomes a path: then it is a hash. */
export const keyOf = (file: Pick<ReceivedFile, 'session' | 'messageId' | 'mimetype' | 'filename'>): FileKey => {
  const ending = extensionOf(file.mimetype, file.filename);
  const name = `${file.messageId}.${ending}`;
  const hashed = createHash('sha256').update(file.messageId).digest('hex').slice(0, 40);
  return { session: file.session, name: isFileName(name) ? name : `${hashed}.${ending}` };
};

/** True for a name that `keyOf` makes. */
export const isOurName = (name: string): boolean => {
  const dot = name.lastIndexOf('.');
  const stem = name.slice(0, Math.max(0, dot));
  if (!/^[a-z0-9]+$/.test(name.slice(dot + 1))) return false;
  return /^[0-9a-f]{40}$/.test(stem) || /^(?:true|false)_[^\s@]+@[a-z0-9.]+_\S+$/.test(stem);
};

/** What phones write and lists of types say otherwise. */
const usual: Readonly<Record<string, string>> = { 'audio/mpeg': 'mp3', 'audio/amr': 'amr' };

const extensionOf = (mimetype: string | null, filename: string | null): string => {
  const type = mimetypeOf(mimetype);
  const known = usual[type.split(';')[0] ?? ''] ?? (type === UNKNOWN ? false : extension(type));
  const own = /\.([A-Za-z0-9]{1,10})$/.exec(filename ?? '')?.[1]?.toLowerCase();
  return (known || own) ?? 'bin';
};

/** The type as a header may carry it. */
export const mimetypeOf = (mimetype: string | null): string => {
  const text = mimetype?.trim() ?? '';
  return /^[\w.+-]+\/[\w.+-]+( *; *[\w.+-]+=("[\w .,+-]*"|[\w.,+-]+))*$/.test(text) && text.length <= 200
    ? text.toLowerCase()
    : UNKNOWN;
};
