import {
  type AttachmentKind,
  type Egress,
  named,
  type SendFile,
  type TSchema,
  Type,
  unprocessable,
} from 'waha-runtime';
import type { Converter } from './convert.ts';
import { pictureExample, stickerExample, videoExample, voiceExample } from './examples.ts';
import { BinaryFile, type FetchedFile, type NamedFile, RemoteFile, withFile } from './fetch.ts';
import { mislabelled, nameFor, sniff } from './kinds.ts';
import { asSticker, type StickerMaker } from './stickers.ts';

const variant = (name: string, schema: TSchema, defaults: { mimetype: string; filename: string }) =>
  named(
    name,
    Type.Object({
      ...(schema as typeof RemoteFile).properties,
      mimetype: Type.Optional(Type.Union([Type.String(), Type.Null()], { default: defaults.mimetype })),
      filename: Type.Optional(Type.Union([Type.String(), Type.Null()], { default: defaults.filename })),
    }),
  );
const voice = { mimetype: 'audio/ogg; codecs=opus', filename: 'voice-message.ogg' };
const video = { mimetype: 'video/mp4', filename: 'video.mp4' };

export const AnyFile = Type.Union([RemoteFile, BinaryFile], { examples: [pictureExample] });
export const StickerFile = Type.Union([RemoteFile, BinaryFile], { examples: [stickerExample] });
export const VoiceFile = Type.Union(
  [variant('VoiceRemoteFile', RemoteFile, voice), variant('VoiceBinaryFile', BinaryFile, voice)],
  { examples: [voiceExample] },
);
export const VideoFile = Type.Union(
  [variant('VideoRemoteFile', RemoteFile, video), variant('VideoBinaryFile', BinaryFile, video)],
  { examples: [videoExample] },
);

/** What a request says of a file to send. */
export interface MediaRequest {
  readonly session: string;
  readonly kind: AttachmentKind;
  readonly file: NamedFile;
  readonly convert: boolean;
}

type Ready = Pick<SendFile, 'content' | 'mimetype' | 'animated' | 'filename'>;

/** What files are fetched and converted with. */
export interface MediaTools {
  readonly http: Egress;
  readonly converter: Converter;
  readonly stickers: StickerMaker;
}

/** Gets a file, converts it when asked to, and hands it to `send` as it goes out. What is plainly something else is a 422. */
export const withMedia = <T>(
  { http, converter, stickers }: MediaTools,
  { session, kind, file, convert }: MediaRequest,
  signal: AbortSignal,
  send: (file: Ready) => Promise<T>,
): Promise<T> =>
  withFile(file, { http, signal }, async (fetched) => {
    const { filename } = fetched;
    const named = (ready: Omit<Ready, 'filename'>) => {
      const name = filename ?? (kind === 'file' ? nameFor(ready.mimetype) : undefined);
      return send({ ...ready, ...(name === undefined ? {} : { filename: name }) });
    };
    const { content } = fetched;
    if (kind === 'sticker')
      return named(await (convert ? stickers.make(session, content, signal) : asSticker(content)));
    if (!convert || (kind !== 'voice' && kind !== 'video')) {
      await checkKind(kind, fetched);
      return named(await asItIs(kind, fetched));
    }
    return converter.convert({ session, content, kind }, signal, ({ path, mimetype }) =>
      named({ content: { path }, mimetype }),
    );
  });

const fallbacks: Record<AttachmentKind, string> = {
  image: 'image/jpeg',
  video: video.mimetype,
  voice: voice.mimetype,
  sticker: 'image/webp',
  file: 'application/octet-stream',
};

/** A file that is plainly something else is refused: phones would show a broken message. */
const checkKind = async (kind: 'image' | 'video' | 'voice' | 'file', fetched: FetchedFile): Promise<void> => {
  const wanted = kind === 'voice' ? 'audio' : kind;
  const fault = wanted === 'file' ? null : await mislabelled(fetched, wanted);
  if (fault) throw unprocessable(fault);
};

const asItIs = async (kind: AttachmentKind, { content, mimetype }: FetchedFile) => {
  // What phones play and show is what it is, whatever it is called.
  const found = kind === 'image' || kind === 'voice' ? await sniff(content) : undefined;
  const isSure = kind === 'image' || found?.startsWith('audio/ogg');
  return { content, mimetype: (isSure ? found : undefined) ?? mimetype ?? fallbacks[kind] };
};
