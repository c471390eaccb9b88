import { type Static, Type } from 'waha-runtime';

const MiB = 1024 * 1024;

/** What `config:` of the files plugin may hold. */
export const FilesConfig = Type.Object({
  download: Type.Boolean({ default: true, description: 'Fetch the files of messages. Without it `media.url` is null' }),
  mimetypes: Type.Array(Type.String(), {
    default: [],
    description: 'Fetch these types only, by how they begin; all when empty',
    examples: [['image/', 'audio', 'application/pdf']],
  }),
  lifetimeSeconds: Type.Integer({
    minimum: 0,
    default: 180,
    description: 'How long a file is kept after its event was delivered last; 0 keeps it for ever',
  }),
  folder: Type.String({
    default: '.sessions/files',
    description: 'Where files are; relative to the YAML file. For when no plugin brings a storage of its own',
  }),
  storage: Type.Optional(
    Type.String({ description: 'The plugin whose storage is used; the first that brings one when absent' }),
  ),
  maxFileBytes: Type.Integer({ minimum: 1, default: 128 * MiB, description: 'No larger file is fetched' }),
  maxTotalBytes: Type.Integer({ minimum: 1, default: 10_240 * MiB, description: 'How much all files may take' }),
  overflow: Type.Enum(['remove-oldest', 'refuse'], {
    type: 'string',
    default: 'remove-oldest',
    description: 'What makes room: the oldest files whose events are delivered go, or no file is fetched any more',
  }),
  downloadSeconds: Type.Integer({ minimum: 1, default: 30, description: 'How long one download may take' }),
  waitSeconds: Type.Integer({
    minimum: 1,
    default: 120,
    description: 'How long an event waits for its file in all, the turn of its download included',
  }),
  parallel: Type.Object(
    {
      total: Type.Integer({ minimum: 1, maximum: 256, default: 16 }),
      session: Type.Integer({ minimum: 1, maximum: 256, default: 4 }),
    },
    { default: {}, description: 'How many downloads go on at the same time: in all, and of one session' },
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
