import { type Static, Type } from 'waha-runtime';

const MiB = 1024 * 1024;

/** What `config:` of the files plugin may hold. */
export const FilesConfig = Type.Object({
  download: Type.Boolean({
    default: true,
    description: 'Download the files of messages; otherwise `media.url` is null',
  }),
  mimetypes: Type.Array(Type.String(), {
    default: [],
    description: 'Prefixes of the types to download; all types when empty',
    examples: [['image/', 'audio', 'application/pdf']],
  }),
  lifetimeSeconds: Type.Integer({
    minimum: 0,
    default: 180,
    description: 'How long a file is kept after the last delivery of its event; 0 keeps it for ever',
  }),
  folder: Type.String({
    default: '.sessions/files',
    description: 'The folder of the files, relative to the YAML file; used if no other plugin contributes a storage',
  }),
  storage: Type.Optional(
    Type.String({
      description: 'The plugin whose storage is used; the first one that contributes a storage when absent',
    }),
  ),
  maxFileBytes: Type.Integer({ minimum: 1, default: 128 * MiB, description: 'The largest file that is downloaded' }),
  maxTotalBytes: Type.Integer({
    minimum: 1,
    default: 10_240 * MiB,
    description: 'The most space for all files together',
  }),
  overflow: Type.Enum(['remove-oldest', 'refuse'], {
    type: 'string',
    default: 'remove-oldest',
    description:
      'What happens when the space is used up: the oldest files whose events are delivered are removed, or no more files are downloaded',
  }),
  downloadSeconds: Type.Integer({ minimum: 1, default: 30, description: 'How long one download may take' }),
  waitSeconds: Type.Integer({
    minimum: 1,
    default: 120,
    description: 'How long an event waits for its file, including the time before the download begins',
  }),
  parallel: Type.Object(
    {
      total: Type.Integer({ minimum: 1, maximum: 256, default: 16 }),
      session: Type.Integer({ minimum: 1, maximum: 256, default: 4 }),
    },
    { default: {}, description: 'How many downloads run at the same time, in total and for one session' },
  ),
});
export type FilesConfig = Static<typeof FilesConfig>;

/** Whether files of this type are wanted. WAHA compares how types begin; `image/*` means the same as `image/`. */
export const isWanted = ({ download, mimetypes }: FilesConfig, mimetype: string | null): boolean => {
  if (!download) return false;
  const wanted = mimetypes.flatMap((type) => type.trim().toLowerCase().replace(/\*$/, '') || []);
  const type = (mimetype ?? '').toLowerCase();
  return wanted.length === 0 || wanted.some((start) => type.startsWith(start));
};
