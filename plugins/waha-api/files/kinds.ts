/** What the first bytes of a file say it is. */
const signatures: readonly { readonly mimetype: string; readonly at: number; readonly bytes: string }[] = [
  { mimetype: 'image/jpeg', at: 0, bytes: 'ffd8ff' },
  { mimetype: 'image/png', at: 0, bytes: '89504e470d0a1a0a' },
  { mimetype: 'image/gif', at: 0, bytes: '47494638' },
  { mimetype: 'image/webp', at: 8, bytes: '57454250' },
  { mimetype: 'audio/wav', at: 8, bytes: '57415645' },
  { mimetype: 'audio/ogg', at: 0, bytes: '4f676753' },
  { mimetype: 'audio/mpeg', at: 0, bytes: '494433' },
  { mimetype: 'audio/flac', at: 0, bytes: '664c6143' },
  { mimetype: 'audio/amr', at: 0, bytes: '2321414d52' },
  { mimetype: 'video/mp4', at: 4, bytes: '66747970' },
  { mimetype: 'video/webm', at: 0, bytes: '1a45dfa3' },
  { mimetype: 'application/pdf', at: 0, bytes: '255044462d' },
  { mimetype: 'application/zip', at: 0, bytes: '504b0304' },
];

/** The type that a file's first bytes give away; undefined when they say nothing. */
export const sniff = (file: Uint8Array): string | undefined => {
  const head = Buffer.from(file.buffer, file.byteOffset, Math.min(file.byteLength, 64));
  const found = signatures.find(({ at, bytes }) => head.subarray(at, at + bytes.length / 2).toString('hex') === bytes);
  if (found) return found.mimetype;
  return /^\s*<(!doctype html|html)/i.test(head.toString('latin1')) ? 'text/html' : undefined;
};

/** Containers that hold sound as well as pictures. */
const either = new Set(['video/mp4', 'video/webm', 'audio/ogg']);

/** What a file with these first bytes is not good for, as a sentence, or null. */
export const mislabelled = (file: Uint8Array, wanted: 'image' | 'video' | 'audio'): string | null => {
  const found = sniff(file);
  if (found === undefined || found.startsWith(`${wanted}/`)) return null;
  if (wanted !== 'image' && either.has(found)) return null;
  return `the file is ${found}, which cannot be sent as ${wanted === 'audio' ? 'a voice message' : `${wanted}`}`;
};
