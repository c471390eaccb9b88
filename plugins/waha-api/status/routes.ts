import {
  type FileStatus,
  named,
  QueuedSend,
  type Route,
  type RouteGroup,
  type RouteRequest,
  route,
  type Static,
  type Statuses,
  type TSchema,
  Type,
  type UploadedFile,
  unprocessable,
} from 'waha-runtime';
import { MAX_FILE_BYTES, type NamedFile } from '../files/fetch.ts';
import { AnyFile, VideoFile, VoiceFile, withMedia } from '../files/media.ts';
import { failures, flag, given, MessageId, maybe, Text } from '../schemas/chatting.ts';
import { SessionParams } from '../schemas/session.ts';
import { newMessageIdRoute } from '../sending/message-ids.ts';
import { sendOrQueue, withSendAt } from '../sending/queued.ts';
import type { SendRouteOptions } from '../sending/send-route.ts';
import { SentMessage, withKey } from '../sending/sent-message.ts';

const contacts = Type.Optional(
  Type.Union([Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 20_000 }), Type.Null()], {
    description: 'Who sees it; all contacts of the session’s store when absent',
    examples: [['11111111111@c.us']],
  }),
);
const common = { id: maybe('Send under this id, made by new-message-id'), contacts };
const caption = Type.Optional(Type.Union([Text, Type.Null()]));
const backgroundColor = Type.Optional(
  Type.Union([Type.String({ maxLength: 20 }), Type.Null()], { default: '#38b42f', description: '#rrggbb' }),
);

const TextStatusBody = named(
  'TextStatus',
  Type.Object({
    ...common,
    text: Text,
    backgroundColor,
    font: Type.Optional(
      Type.Union([Type.Integer({ minimum: 0, maximum: 10 }), Type.Null()], { default: 0, description: '0 to 10' }),
    ),
    linkPreview: flag(true),
    linkPreviewHighQuality: flag(false),
  }),
);
const ImageStatusBody = named('ImageStatus', Type.Object({ ...common, file: AnyFile, caption }));
const VideoStatusBody = named(
  'VideoStatus',
  Type.Object({
    ...common,
    file: VideoFile,
    convert: flag(false, 'Convert to mp4/h264 by the ffmpeg of the server'),
    caption,
  }),
);
const VoiceStatusBody = named(
  'VoiceStatus',
  Type.Object({
    ...common,
    file: VoiceFile,
    convert: flag(false, 'Convert to ogg/opus by the ffmpeg of the server'),
    backgroundColor,
  }),
);
const DeleteStatusRequest = named(
  'DeleteStatusRequest',
  Type.Object({
    id: Type.Optional(
      Type.Union([MessageId, Type.Null()], {
        description: 'The status to delete: its full id, or the last part of it',
        examples: ['true_status@broadcast_3EB0AAAAAAAAAAAAAAAAAA'],
      }),
    ),
    contacts,
  }),
);

/** The tag Status: what is shown to many for a day. */
export const statusGroup = (options: SendRouteOptions): RouteGroup => ({
  tag: 'Status',
  description: 'Statuses (stories), shown to contacts for a day',
  routes: [
    textRoute(options),
    fileRoute(options, 'image', 'Show a picture', ImageStatusBody),
    fileRoute(options, 'voice', 'Show a voice message', VoiceStatusBody),
    fileRoute(options, 'video', 'Show a video', VideoStatusBody),
    removeRoute(options),
    newMessageIdRoute(options.sessions, '/api/{session}/status/new-message-id'),
  ],
});

const responses = {
  201: { description: 'As WhatsApp took it', schema: SentMessage },
  202: { description: 'It waits in the queue', schema: QueuedSend },
  ...failures,
  422: { description: 'The session is not WORKING, nobody is there to see it, or WhatsApp refused' },
};

/** A request to do something with a status, from a client or from the queue. */
type Asked<B> = Pick<RouteRequest<Static<typeof SessionParams>, unknown, B>, 'params' | 'body' | 'signal'> & {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly file?: UploadedFile | undefined;
};

interface StatusOperation<B extends TSchema> extends Pick<Route, 'summary' | 'description' | 'upload'> {
  /** Behind `/api/{session}/status/`. */
  readonly name: string;
  readonly body: B;
  act(asked: Asked<Static<B>>, status: Statuses, id: string | undefined): Promise<unknown>;
}

/** Does it once for one Idempotency-Key, now or when the body says. */
const statusRoute = <B extends TSchema>(options: SendRouteOptions, operation: StatusOperation<B>): Route => {
  const { name, body, act, ...rest } = operation;
  const path = `/api/{session}/status/${name}`;
  const run = (asked: Asked<Static<B>>) => posted(options, name, asked, (status, id) => act(asked, status, id));
  options.queue?.handle(`POST ${path}`, ({ session, body: given, key, signal }) =>
    run({ params: { session }, body: given as Static<B>, headers: { 'idempotency-key': key }, signal }),
  );
  return route({
    ...{ method: 'POST', path, ...rest, params: SessionParams, body: withSendAt(body as TSchema), responses },
    handle(request) {
      const asked = request as Asked<Static<B>>;
      const { file, headers } = asked;
      const wanted = { session: asked.params.session, operation: `POST ${path}`, body: asked.body as object, file };
      return sendOrQueue(options.queue, { ...wanted, key: headers['idempotency-key'] }, () => run(asked));
    },
  });
};

const posted = <B>(
  { sessions, once }: SendRouteOptions,
  operation: string,
  { params: { session }, body, headers, file }: Asked<B>,
  act: (status: Statuses, id: string | undefined) => Promise<unknown>,
): Promise<unknown> => {
  const { sha256, mimetype } = file ?? {};
  const content = file ? { body, sha256, mimetype } : body;
  return once.run({ key: headers['idempotency-key'], session, operation: `status ${operation}`, content }, async (id) =>
    withKey(await act(await sessions.capability(session, 'status'), id)),
  );
};

const textRoute = (options: SendRouteOptions): Route =>
  statusRoute(options, {
    ...{ name: 'text', summary: 'Show a text', body: TextStatusBody },
    act({ body }, status, id) {
      const { text, backgroundColor: color, font, linkPreview, linkPreviewHighQuality } = body;
      return status.sendText({
        ...{ text, backgroundColor: color ?? '#38b42f', font: font ?? 0 },
        ...audienceOf(body, id),
        linkPreview: linkPreview ?? true,
        linkPreviewHighQuality: linkPreviewHighQuality ?? false,
      });
    },
  });

interface FileBody extends Static<typeof ImageStatusBody> {
  readonly convert?: boolean | null;
  readonly backgroundColor?: string | null;
}

const fileRoute = (options: SendRouteOptions, kind: FileStatus['kind'], summary: string, body: TSchema): Route =>
  statusRoute(options, {
    ...{ name: kind, summary, body },
    description: 'The file comes from a URL, as base64, or in a multipart form; at most 64 MB.',
    upload: { field: 'file', maxBytes: MAX_FILE_BYTES },
    act(request, status, id) {
      const asked = request.body as FileBody;
      const file = (request.file ? { upload: request.file } : asked.file) as NamedFile;
      const look = given({ caption: asked.caption || null, backgroundColor: asked.backgroundColor });
      const { session } = request.params;
      return withMedia(options, { session, kind, file, convert: asked.convert === true }, request.signal, (ready) =>
        status.sendFile({
          ...{ kind, content: ready.content, mimetype: ready.mimetype },
          ...look,
          ...audienceOf(asked, id),
        }),
      );
    },
  });

const removeRoute = (options: SendRouteOptions): Route =>
  statusRoute(options, {
    ...{ name: 'delete', summary: 'Delete a status', body: DeleteStatusRequest },
    description: 'It is taken back from those in `contacts`, so give the same as when it was sent.',
    async act({ body: { id: messageId, contacts: people } }, status) {
      if (!messageId) throw unprocessable('id is required: that of the status to delete');
      return status.remove({ messageId, ...given({ contacts: people }) });
    },
  });

/** An id that the caller chose wins. */
const audienceOf = (
  body: { readonly id?: string | null; readonly contacts?: string[] | null },
  id: string | undefined,
) => given({ id: body.id || id, contacts: body.contacts });
