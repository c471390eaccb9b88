import { type AttachmentKind, named, type Route, type Static, type TSchema, Type, WAMessage } from 'waha-runtime';
import { MAX_FILE_BYTES, type NamedFile } from '../files/fetch.ts';
import { AnyFile, StickerFile, VideoFile, VoiceFile, withMedia } from '../files/media.ts';
import { flag, given, Mentions, sending, Text } from '../schemas/chatting.ts';
import { type SendRouteOptions, sendRoute } from '../sending/send-route.ts';

const caption = Type.Optional(Type.Union([Text, Type.Null()]));
const file = AnyFile;
const captioned = { ...sending, file, caption, mentions: Mentions };
const MessageImageRequest = named('MessageImageRequest', Type.Object(captioned));
const MessageFileRequest = named('MessageFileRequest', Type.Object(captioned));
const MessageStickerRequest = named(
  'MessageStickerRequest',
  Type.Object({
    ...sending,
    file: StickerFile,
    convert: flag(false, 'Make a sticker of any picture: 512 × 512, WebP; what moves goes on moving'),
  }),
);
const MessageVoiceRequest = named(
  'MessageVoiceRequest',
  Type.Object({
    ...sending,
    file: VoiceFile,
    convert: flag(false, 'Convert to ogg/opus by the ffmpeg of the server'),
  }),
);
const MessageVideoRequest = named(
  'MessageVideoRequest',
  Type.Object({
    ...sending,
    file: VideoFile,
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
export const mediaRoutes = (options: SendRouteOptions): Route[] => {
  const one = <B extends TSchema>(path: string, summary: string, body: B, kind: AttachmentKind): Route =>
    sendRoute(options, {
      path,
      summary,
      description: 'The file comes from a URL, as base64, or in a multipart form; at most 64 MB.',
      body,
      answer: WAMessage,
      upload: { field: 'file', maxBytes: MAX_FILE_BYTES },
      send: (session, content: Static<B>, signal, upload) => {
        const { file: labels, ...rest } = content as MediaBody;
        return sendFile(options, session, kind, { ...rest, file: upload ? { upload } : labels }, signal);
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
  options: SendRouteOptions,
  session: string,
  kind: AttachmentKind,
  body: MediaBody,
  signal: AbortSignal,
): Promise<WAMessage> => {
  const attachments = await options.sessions.capability(session, 'attachments');
  const request = { session, kind, file: body.file as NamedFile, convert: body.convert === true };
  return withMedia(options, request, signal, (ready) => attachments.send({ kind, ...ready, ...labelsOf(body) }));
};

const labelsOf = ({ chatId, id, reply_to: replyTo, caption, mentions, asNote }: MediaBody) => ({
  chatId,
  ...given({ id: id || null, replyTo: replyTo || null, caption: caption || null, mentions, asNote }),
});
