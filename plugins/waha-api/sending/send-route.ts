import type {
  Egress,
  Route,
  RouteRequest,
  RouteResponse,
  RouteUpload,
  SendQueue,
  Sessions,
  Static,
  TSchema,
  UploadedFile,
} from 'waha-runtime';
import { QueuedSend, route, WAMessage } from 'waha-runtime';
import type { Converter } from '../files/convert.ts';
import type { StickerMaker } from '../files/stickers.ts';
import { failures } from '../schemas/chatting.ts';
import type { Once } from './once.ts';
import { sendOrQueue, withSendAt } from './queued.ts';
import type { SameId } from './same-id.ts';
import { SentMessage, withKey } from './sent-message.ts';

/** What the routes that send share. */
export interface SendRouteOptions {
  readonly sessions: Sessions;
  /** For files that are named by a URL. */
  readonly http: Egress;
  readonly once: Once;
  readonly sameId: SameId;
  readonly converter: Converter;
  readonly stickers: StickerMaker;
  /** For sends at a time; none without the plugin. */
  readonly queue?: SendQueue | undefined;
}

/** One operation that sends something to WhatsApp. */
export interface SendRoute<B extends TSchema> {
  readonly method?: 'POST' | 'PUT';
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly deprecated?: boolean;
  readonly body: B;
  /** Takes a multipart form, too. */
  readonly upload?: RouteUpload;
  /** Of the answer; none when it says nothing. */
  readonly answer?: TSchema;
  /** `body.id` is the id to send under: the caller's own, or the one that a repeated request shares. */
  send(session: string, body: Static<B>, signal: AbortSignal, file?: UploadedFile): Promise<unknown>;
}

const described = (status: number, schema: TSchema | undefined): Record<number, RouteResponse> => ({
  [status]: { description: 'As WhatsApp took it', ...(schema ? { schema } : {}) },
});

/** Declares it. With an `Idempotency-Key` header, a repeated request sends nothing again. */
export const sendRoute = <B extends TSchema>(options: SendRouteOptions, operation: SendRoute<B>): Route => {
  const { method = 'POST', path, summary, description, deprecated, body, upload, answer, send } = operation;
  const name = `${method} ${path}`;
  options.queue?.handle(name, ({ body, key, signal }) =>
    sendOnce(options, name, { body: body as Static<B>, headers: { 'idempotency-key': key }, signal }, send),
  );
  return route({
    method,
    path,
    summary,
    ...(description ? { description } : {}),
    ...(deprecated ? { deprecated } : {}),
    body: withSendAt(body as TSchema),
    ...(upload ? { upload } : {}),
    responses: {
      ...described(method === 'POST' ? 201 : 200, answer === WAMessage ? SentMessage : answer),
      202: { description: 'It waits in the queue', schema: QueuedSend },
      ...failures,
      409: { description: 'Another message is being sent under this `id`' },
    },
    handle(request) {
      const asked = request as RouteRequest<unknown, unknown, Static<B>>;
      const { file, headers } = asked;
      const body = asked.body as { session?: string };
      const wanted = {
        session: body.session ?? 'default',
        operation: name,
        body,
        file,
        key: headers['idempotency-key'],
      };
      return sendOrQueue(options.queue, wanted, () => sendOnce(options, name, asked, send));
    },
  });
};

type Asked<B> = Pick<RouteRequest<unknown, unknown, B>, 'body' | 'signal'> & {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly file?: UploadedFile | undefined;
};

const sendOnce = <B>(
  { once, sameId }: SendRouteOptions,
  operation: string,
  { body, file, headers, signal }: Asked<B>,
  send: (session: string, body: B, signal: AbortSignal, file?: UploadedFile) => Promise<unknown>,
): Promise<unknown> => {
  const session = (body as { session?: string }).session ?? 'default';
  const { sha256, filename, mimetype } = file ?? {};
  const content = file ? { body, sha256, filename, mimetype } : body;
  const request = { key: headers['idempotency-key'], session, operation, content };
  return once.run(request, async (fresh) => {
    const { id: chosen, ...rest } = body as { id?: string | null };
    const id = chosen || fresh;
    if (!id) return withKey(await send(session, body, signal, file));
    const same = { session, id, content: { operation, rest, sha256, filename, mimetype }, signal };
    return sameId.run(same, async (left) => withKey(await send(session, { ...body, id }, left, file)));
  });
};
