import { type Changes, named, type Route, route, type Static, Type } from 'waha-runtime';
import { failures, flag, given, Mentions, MessageParams, OwnMessageParams, Text } from '../schemas/chatting.ts';
import type { SendRouteOptions } from '../sending/send-route.ts';
import { SentMessage, withKey } from '../sending/sent-message.ts';

const EditMessageRequest = named(
  'EditMessageRequest',
  Type.Object({ text: Text, mentions: Mentions, linkPreview: flag(true), linkPreviewHighQuality: flag(false) }),
);
const PinMessageRequest = named(
  'PinMessageRequest',
  Type.Object({
    duration: Type.Integer({
      minimum: 1,
      maximum: 31_536_000,
      description: 'Seconds: 86400 (a day), 604800 (a week) or 2592000 (30 days) in WhatsApp’s own clients',
      examples: [86400],
    }),
  }),
);
const PinAnswer = Type.Object({ success: Type.Boolean() });

type Target = Static<typeof MessageParams> & { readonly id: string | undefined };

const path = '/api/{session}/chats/{chatId}/messages/{messageId}';

/** What changes messages of a chat. */
export const changeRoutes = (options: SendRouteOptions): Route[] => [
  editRoute(options),
  removeRoute(options),
  pinRoute(options),
  unpinRoute(options),
];

interface Ask<B> {
  readonly params: Static<typeof MessageParams>;
  readonly body: B;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** Does it once for one Idempotency-Key. */
const changing =
  <B>(
    { sessions, once }: SendRouteOptions,
    operation: string,
    act: (changes: Changes, target: Target, body: B) => Promise<unknown>,
  ) =>
  ({ params, body, headers }: Ask<B>): Promise<unknown> => {
    const { session } = params;
    const content = [params.chatId, params.messageId, body ?? null];
    return once.run({ key: headers['idempotency-key'], session, operation, content }, async (id) =>
      withKey(await act(await sessions.capability(session, 'changes'), { ...params, id }, body)),
    );
  };

const targetOf = ({ chatId, messageId, id }: Target) => ({ chatId, messageId, ...given({ id }) });

const editRoute = (options: SendRouteOptions): Route =>
  route({
    method: 'PUT',
    path,
    summary: 'Edit a message of your own',
    params: OwnMessageParams,
    body: EditMessageRequest,
    responses: { 200: { description: 'The edit, as WhatsApp took it', schema: SentMessage }, ...failures },
    handle: changing(options, 'edit', (changes, target, body: Static<typeof EditMessageRequest>) =>
      changes.edit({
        ...targetOf(target),
        text: body.text,
        ...given({ mentions: body.mentions }),
        linkPreview: body.linkPreview ?? true,
        linkPreviewHighQuality: body.linkPreviewHighQuality ?? false,
      }),
    ),
  });

const removeRoute = (options: SendRouteOptions): Route =>
  route({
    method: 'DELETE',
    path,
    summary: 'Delete a message for everyone',
    params: OwnMessageParams,
    responses: { 200: { description: 'The revocation, as WhatsApp took it', schema: SentMessage }, ...failures },
    handle: changing(options, 'delete', (changes, target) => changes.remove(targetOf(target))),
  });

const pinRoute = (options: SendRouteOptions): Route =>
  route({
    method: 'POST',
    path: `${path}/pin`,
    summary: 'Pin a message in its chat',
    params: MessageParams,
    body: PinMessageRequest,
    responses: { 201: { description: 'Pinned', schema: PinAnswer }, ...failures },
    handle: changing(options, 'pin', async (changes, target, { duration }: Static<typeof PinMessageRequest>) => {
      await changes.pin({ ...targetOf(target), duration });
      return { success: true };
    }),
  });

const unpinRoute = (options: SendRouteOptions): Route =>
  route({
    method: 'POST',
    path: `${path}/unpin`,
    summary: 'Unpin a message',
    params: MessageParams,
    responses: { 201: { description: 'Unpinned', schema: PinAnswer }, ...failures },
    handle: changing(options, 'unpin', async (changes, target) => {
      await changes.unpin(targetOf(target));
      return { success: true };
    }),
  });
