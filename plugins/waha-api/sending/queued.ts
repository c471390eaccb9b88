import {
  badRequest,
  instantOf,
  isRuntimeError,
  named,
  type Reply,
  reply,
  type SendQueue,
  type TSchema,
  Type,
  type UploadedFile,
  unprocessable,
} from 'waha-runtime';

/** When something is to be sent. */
const SendAt = Type.Optional(
  Type.Union([Type.String({ maxLength: 40 }), Type.Number(), Type.Null()], {
    description:
      'Send it then: a time such as 2026-12-24T18:00:00Z, or seconds since the epoch. The answer is 202 with the entry of the queue. Needs the plugin `pacing`',
  }),
);

/** The body, or the query, of a send, which may say when. */
export const withSendAt = <B extends TSchema>(body: B): B => {
  if (!('properties' in body)) return body;
  const { properties, title } = body as { readonly properties: Record<string, TSchema>; readonly title?: string };
  const dated = Type.Object({ ...properties, sendAt: SendAt });
  return (title === undefined ? dated : named(title, dated)) as unknown as B;
};

/** A send, as a route got it. */
export interface AskedSend {
  readonly session: string;
  readonly operation: string;
  readonly body: object;
  readonly file: UploadedFile | undefined;
  /** The Idempotency-Key header. */
  readonly key: string | undefined;
}

/** Puts it into the queue where the body says when, or a policy of the session holds it; else does it. */
export const sendOrQueue = async (
  queue: SendQueue | undefined,
  asked: AskedSend,
  send: () => Promise<unknown>,
): Promise<unknown> => {
  const { sendAt, ...body } = asked.body as { readonly sendAt?: string | number | null };
  if (sendAt !== undefined && sendAt !== null) {
    if (!queue) throw unprocessable('sendAt: no loaded plugin sends at a time; load `pacing`');
    if (asked.file) throw badRequest('sendAt: give the file by a URL or as base64, not in a form');
    return queued(queue, asked, body, { sendAt: instantOf(sendAt, 'sendAt') });
  }
  try {
    return await send();
  } catch (error) {
    const until = heldUntil(error);
    if (until === null || asked.file || !queue?.keepsHeld(asked.session)) throw error;
    return queued(queue, asked, body, until);
  }
};

const queued = async (
  queue: SendQueue,
  { session, operation, key }: AskedSend,
  body: object,
  when: { readonly sendAt: number; readonly reason?: string },
): Promise<Reply> => reply({ status: 202, json: await queue.add({ session, operation, body, key, ...when }) });

/** When a policy lets it go; null when no policy held it. */
const heldUntil = (error: unknown): { readonly sendAt: number; readonly reason: string } | null => {
  if (!isRuntimeError(error, 'TOO_MANY_REQUESTS')) return null;
  const { until, reason } = (error.details.body ?? {}) as { readonly until?: unknown; readonly reason?: unknown };
  return typeof until === 'number' && typeof reason === 'string' ? { sendAt: until, reason } : null;
};
