import {
  type AttachmentKind,
  named,
  type Route,
  type SendFile,
  type Static,
  type TSchema,
  Type,
  unprocessable,
  WAMessage,
} from 'waha-runtime';
import { BinaryFile, type FetchedFile, MAX_FILE_BYTES, type NamedFile, RemoteFile, withFile } from '../files/fetch.ts';
import { mislabelled, nameFor, sniff } from '../files/kinds.ts';
import { asSticker, toSticker } from '../files/stickers.ts';
import { flag, given, Mentions, sending, Text } from '../schemas/chatting.ts';
import { type SendParts, sendRoute } from '../sending/send-route.ts';

const caption = Type.Optional(Type.Union([Text, Type.Null()]));
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

const file = Type.Union([RemoteFile, BinaryFile]);
const captioned = { ...sending, file, caption, mentions: Mentions };
const MessageImageRequest = named('MessageImageRequest', Type.Object(captioned));
const MessageFileRequest = named('MessageFileRequest', Type.Object(captioned));
const MessageStickerRequest = named(
  'MessageStickerRequest',
  Type.Object({
    ...sending,
    file,
    convert: flag(false, 'Make a sticker of any picture: 512 × 512, WebP; what moves goes on moving'),
  }),
);
const MessageVoiceRequest = named(
  'MessageVoiceRequest',
  Type.Object({
    ...sending,
    file: Type.Union([variant('VoiceRemoteFile', RemoteFile, voice), variant('VoiceBinaryFile', BinaryFile, voice)]),
    convert: flag(false, 'Convert to ogg/opus by the ffmpeg of the server'),
  }),
);
const MessageVideoRequest = named(
  'MessageVideoRequest',
  Type.Object({
    ...sending,
    file: Type.Union([variant('VideoRemoteFile', RemoteFile, video), variant('VideoBinaryFile', BinaryFile, video)]),
    caption,
    mentions: Mentions,
    asNote: flag(false, 'A round video note'),
    convert: flag(false, 'Convert to mp4/h264 by the ffmpeg of the server'),
  }),
);

interface MediaBody {
  readonly chatId: string;
  readonly file: unknown;
  readonly id?: string | null;
  readonly reply_to?: string | null;
  readonly caption?: string | null;
  readonly mentions?: string[] | null;
  readonly asNote?: boolean | null;
  readonly convert?: boolean | null;
}

/** Pictures, documents, voice messages and videos. */
export const mediaRoutes = (parts: SendParts): Route[] => {
  const one = <B extends TSchema>(path: string, summary: string, body: B, kind: AttachmentKind): Route =>
    sendRoute(parts, {
      path,
      summary,
      description: 'The file comes from a URL, as base64, or in a multipart form; at most 64 MB.',
      body,
      answer: WAMessage,
      upload: { field: 'file', maxBytes: MAX_FILE_BYTES },
      send: (session, content: Static<B>, signal, upload) => {
        const { file: labels, ...rest } = content as MediaBody;
        return sendFile(parts, session, kind, { ...rest, file: upload ? { upload } : labels }, signal);
      },
    });
  return [
    one('/api/sendImage', 'Send a picture', MessageImageRequest, 'image'),
    one('/api/sendFile', 'Send a file as a document', MessageFileRequest, 'file'),
    one('/api/sendVoice', 'Send a voice message', MessageVoiceRequest, 'voice'),
    one('/api/sendVideo', 'Send a video', MessageVideoRequest, 'video'),
    one('/api/sendSticker', 'Send a sticker', MessageStickerRequest, 'sticker'),
  ];
};

const sendFile = async (
  { sessions, http, converter }: SendParts,
  session: string,
  kind: AttachmentKind,
  body: MediaBody,
  signal: AbortSignal,
): Promise<WAMessage> => {
  const attachments = await sessions.capability(session, 'attachments');
  return withFile(body.file as NamedFile, { http, signal }, async (fetched) => {
    const { filename } = fetched;
    const send = (file: Pick<SendFile, 'content' | 'mimetype' | 'animated'>) => {
      const name = filename ?? (kind === 'file' ? nameFor(file.mimetype) : undefined);
      return attachments.send({ kind, ...file, ...labelsOf(body), ...given({ filename: name }) });
    };
    if (kind === 'sticker') return send(await (body.convert ? toSticker : asSticker)(fetched.content));
    if (!body.convert || (kind !== 'voice' && kind !== 'video')) {
      await checkKind(kind, fetched);
      return send(await asItIs(kind, fetched));
    }
    return converter.convert(fetched.content, kind, signal, ({ path, mimetype }) =>
      send({ content: { path }, mimetype }),
    );
  });
};

const labelsOf = ({ chatId, id, reply_to: replyTo, caption, mentions, asNote }: MediaBody) => ({
  chatId,
  ...given({ id: id || null, replyTo: replyTo || null, caption: caption || null, mentions, asNote }),
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
  const image = kind === 'image' ? await sniff(content) : undefined;
  return { content, mimetype: image ?? mimetype ?? fallbacks[kind] };
};
