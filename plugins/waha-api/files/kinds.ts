import { parse as parseDisposition } from 'content-disposition';
import { extension, lookup } from 'mime-types';
import type { FileContent } from 'waha-runtime';

/** Names that are no registered type, and what they mean. */
const aliases: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/x-png': 'image/png',
  'audio/mp3': 'audio/mpeg',
  'audio/x-mp3': 'audio/mpeg',
  'audio/x-wav': 'audio/wav',
  'audio/wave': 'audio/wav',
  'audio/vnd.wave': 'audio/wav',
  'audio/m4a': 'audio/mp4',
  'audio/x-m4a': 'audio/mp4',
  'audio/opus': 'audio/ogg; codecs=opus',
  'audio/ogg;codecs=opus': 'audio/ogg; codecs=opus',
  'video/x-m4v': 'video/mp4',
  'application/x-pdf': 'application/pdf',
  'application/x-zip-compressed': 'application/zip',
};

/** Types that say nothing but that there are bytes. */
const nothing = new Set([
  ...['application/octet-stream', 'binary/octet-stream', 'application/binary', 'application/x-binary'],
  ...['application/force-download', 'application/x-download', 'application/download', 'application/unknown', '*/*'],
]);

/** A type by its registered name; undefined for one that says nothing. */
export const typeNamed = (type: string | null | undefined): string | undefined => {
  const given = type?.trim() ?? '';
  const bare = given.toLowerCase();
  const known = aliases[bare.replace(/;\s/g, ';')] ?? aliases[bare];
  if (known) return known;
  const plain = bare.split(';', 1)[0]?.trim() ?? '';
  if (plain === '' || nothing.has(plain) || !plain.includes('/')) return undefined;
  // A file's name stands there, too, in what mail programs write; phones compare types as they are.
  const parameters = given
    .split(';')
    .slice(1)
    .filter((one) => !/^\s{0,9}name\s{0,9}=/i.test(one));
  return [plain, ...parameters.map((one) => one.trim())].join('; ');
};

/** What is known of a file, by who says it. */
export interface FileFacts {
  readonly content: FileContent;
  /** What the client says. */
  readonly mimetype?: string | null | undefined;
  readonly filename?: string | null | undefined;
  /** What the server says that has it. */
  readonly served?: {
    readonly type?: string | undefined;
    readonly disposition?: string | undefined;
    readonly name?: string | undefined;
  };
}

export interface FileLabels {
  readonly mimetype: string | undefined;
  readonly filename: string | undefined;
}

/**
 * Name and type of a file: what the client says counts first, then what its server says, then what its name says, then what its
 * first bytes give away. A phone opens a document by these; one of "octets" is a .bin for it.
 */
export const labelsFor = async ({ content, mimetype, filename, served = {} }: FileFacts): Promise<FileLabels> => {
  const name = baseName(filename) || nameIn(served.disposition) || served.name || undefined;
  const type =
    typeNamed(mimetype) ?? typeNamed(served.type?.split(';')[0]) ?? typeOfName(name) ?? (await sniff(content));
  return { mimetype: type, filename: name };
};

/** A name for a document that has none. */
export const nameFor = (mimetype: string): string => {
  const ending = extension(mimetype);
  return ending && ending !== 'bin' ? `file.${ending}` : 'file';
};

const typeOfName = (name: string | undefined): string | undefined => typeNamed((name && lookup(name)) || undefined);

/** Without the folders that it may come with. */
const baseName = (name: string | null | undefined): string | undefined => name?.split(/[/\\]/).at(-1) || undefined;

const nameIn = (disposition: string | undefined): string | undefined => {
  try {
    const name = disposition && parseDisposition(disposition).parameters['filename'];
    return baseName(name);
  } catch {
    return undefined;
  }
};

/** The type that a file's bytes give away; undefined when they say nothing. */
export const sniff = async (file: FileContent): Promise<string | undefined> => {
  const { fileTypeFromBuffer, fileTypeFromFile } = await import('file-type');
  const reading = file instanceof Uint8Array ? fileTypeFromBuffer(file) : fileTypeFromFile(file.path);
  // A file that breaks off says nothing.
  const found = await reading.catch(() => undefined);
  return typeNamed(found?.mime);
};

/** Containers that hold sound as well as pictures. */
const either = new Set([
  'video/mp4',
  'video/webm',
  'audio/ogg',
  'video/ogg',
  'audio/mp4',
  'video/quicktime',
  'application/ogg',
]);

/** What a file with these bytes is not good for, as a sentence, or null. `head` are its first ones. */
export const mislabelled = async (
  { content, head }: { readonly content: FileContent; readonly head: Uint8Array },
  wanted: 'image' | 'video' | 'audio',
): Promise<string | null> => {
  const start = Buffer.from(head).toString('latin1').trimStart();
  const isPage = /^<(!doctype html|html)/i.test(start);
  // No phone draws it.
  if (wanted === 'image' && /^(<\?xml|<svg)/i.test(start))
    return 'the file is image/svg+xml, which cannot be sent as image';
  const found = isPage ? 'text/html' : (await sniff(content))?.split(';', 1)[0];
  if (found === undefined || found.startsWith(`${wanted}/`)) return null;
  if (wanted !== 'image' && either.has(found)) return null;
  return `the file is ${found}, which cannot be sent as ${wanted === 'audio' ? 'a voice message' : `${wanted}`}`;
};
