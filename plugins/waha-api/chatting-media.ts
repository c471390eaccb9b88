import {
  type AttachmentKind,
  type FileContent,
  named,
  type Route,
  type Static,
  type TSchema,
  Type,
  unprocessable,
  WAMessage,
} from 'waha-runtime';
import { flag, given, Mentions, sending, Text } from './chatting-schemas.ts';
import { convert } from './convert.ts';
import { mislabelled, sniff } from './file-kinds.ts';
import { BinaryFile, type FetchedFile, type NamedFile, RemoteFile, withFile } from './files.ts';
import { type SendParts, sendRoute } from './send-route.ts';

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
      description: 'The file comes from a URL, or as base64; at most 64 MB.',
      body,
      answer: WAMessage,
      send: (session, content: Static<B>, signal) => sendFile(parts, session, kind, content as MediaBody, signal),
    });
  return [
    one('/api/sendImage', 'Send a picture', MessageImageRequest, 'image'),
    one('/api/sendFile', 'Send a file as a document', MessageFileRequest, 'file'),
    one('/api/sendVoice', 'Send a voice message', MessageVoiceRequest, 'voice'),
    one('/api/sendVideo', 'Send a video', MessageVideoRequest, 'video'),
  ];
};

const sendFile = async (
  { sessions, http }: SendParts,
  session: string,
  kind: AttachmentKind,
  body: MediaBody,
  signal: AbortSignal,
): Promise<WAMessage> => {
  const attachments = await sessions.capability(session, 'attachments');
  return withFile(body.file as NamedFile, { http, signal }, async (fetched) => {
    const { content, mimetype } = await prepared(kind, body, fetched);
    return attachments.send({
      kind,
      chatId: body.chatId,
      content,
      mimetype,
      ...given({
        id: body.id || null,
        replyTo: body.reply_to || null,
        caption: body.caption || null,
        mentions: body.mentions,
        asNote: body.asNote,
        filename: fetched.filename,
      }),
    });
  });
};

const fallbacks: Record<AttachmentKind, string> = {
  image: 'image/jpeg',
  video: video.mimetype,
  voice: voice.mimetype,
  file: 'application/octet-stream',
};

/** The file as it is to be sent. One that is plainly something else is refused: phones would show a broken message. */
const prepared = async (
  kind: AttachmentKind,
  body: MediaBody,
  { content, head, mimetype }: FetchedFile,
): Promise<{ content: FileContent; mimetype: string }> => {
  const wanted = kind === 'voice' ? 'audio' : kind;
  const fault = wanted === 'file' ? null : mislabelled(head, wanted);
  if (fault) throw unprocessable(fault);
  if (body.convert && (kind === 'voice' || kind === 'video')) return convert(content, kind);
  const image = kind === 'image' ? sniff(head) : undefined;
  return { content, mimetype: image ?? mimetype ?? fallbacks[kind] };
};
