import { type Static, Type } from 'waha-runtime';
import { contentHash } from '../message-map.ts';
import { integrationChat } from '../outward/parties.ts';
import { attributes } from '../server/contacts.ts';
import { interactiveText, pictures } from './choices.ts';
import { type Task, taskId } from './task.ts';

const maybe = <S extends Parameters<typeof Type.Optional>[0]>(schema: S) =>
  Type.Optional(Type.Union([schema, Type.Null()]));
const more = { additionalProperties: true };

/** What Chatwoot posts to the address of an inbox of the kind API. What is not named here is not looked at. */
export const WebhookBody = Type.Object(
  {
    event: maybe(Type.String({ maxLength: 200 })),
    id: Type.Optional(Type.Unknown()),
    content: maybe(Type.String({ maxLength: 500_000 })),
    content_type: maybe(Type.String({ maxLength: 100 })),
    message_type: Type.Optional(Type.Unknown({ description: '`incoming` or `outgoing`' })),
    private: maybe(Type.Boolean()),
    source_id: maybe(Type.String({ maxLength: 1_000 })),
    content_attributes: maybe(
      Type.Object(
        {
          deleted: maybe(Type.Boolean()),
          in_reply_to: maybe(Type.Number()),
          external_error: maybe(Type.String({ maxLength: 100_000 })),
          items: Type.Optional(Type.Unknown({ description: 'Of selections, cards and articles' })),
        },
        more,
      ),
    ),
    attachments: maybe(
      Type.Array(
        Type.Object(
          { data_url: maybe(Type.String({ maxLength: 4_000 })), file_type: maybe(Type.String({ maxLength: 100 })) },
          more,
        ),
        { maxItems: 100 },
      ),
    ),
    conversation: maybe(
      Type.Object(
        {
          id: maybe(Type.Number()),
          meta: maybe(Type.Object({ sender: maybe(Type.Object({}, more)) }, more)),
        },
        more,
      ),
    ),
  },
  more,
);
export type WebhookBody = Static<typeof WebhookBody>;

/** What is to be done about a call of the webhook, with a name by which the same call is known again; null when nothing is. */
export const taskOf = (body: WebhookBody): { readonly id: string; readonly task: Task } | null => {
  const { event, id, content_attributes: about } = body;
  const isMessage = event === 'message_created' || event === 'message_updated';
  const conversation = body.conversation?.id;
  if (!isMessage || typeof id !== 'number' || typeof conversation !== 'number') return null;
  if (body.message_type !== 'outgoing' && body.message_type !== 1) return null;
  const party = partyOf(body);
  const isCommand = party.chatId === integrationChat;
  const where = { message: id, conversation, ...party };
  if (about?.deleted) return isCommand ? null : { id: taskId.delete(id), task: { kind: 'delete', ...where } };
  // What we posted ourselves, private notes, and calls.
  if (body.source_id || body.private || isCall(body)) return null;
  const content = contentOf(body);
  const hasCommand = content.trim().toLowerCase().startsWith(commandPrefix);
  if (isCommand || hasCommand) {
    return event === 'message_created' ? { id: taskId.send(id), task: { kind: 'command', ...where, content } } : null;
  }
  const message = { ...where, content, attachments: filesOf(body), replyTo: about?.in_reply_to ?? null };
  if (event === 'message_created') return { id: taskId.send(id), task: { kind: 'send', ...message } };
  // A failed message that an agent sends again comes with its error taken back.
  const isRetry = about !== null && about !== undefined && 'external_error' in about && !about.external_error;
  if (isRetry) return { id: taskId.send(id), task: { kind: 'retry', ...message } };
  return { id: taskId.edit(id, contentHash(content)), task: { kind: 'edit', ...where, content } };
};

/** WAHA's sign of a command in any conversation. */
export const commandPrefix = 'wa/';

const isCall = ({ content_type: type }: WebhookBody): boolean => type === 'integrations' || type === 'voice_call';

const itemsOf = ({ content_attributes: about }: WebhookBody): unknown => about?.items;

const contentOf = (body: WebhookBody): string => interactiveText(body.content ?? '', itemsOf(body));

const filesOf = (body: WebhookBody) => [
  ...(body.attachments ?? []).flatMap(({ data_url: url, file_type: type }) =>
    url ? [{ url, type: type ?? 'file' }] : [],
  ),
  ...pictures(itemsOf(body)),
];

/** Which chat the conversation's contact stands for: by our attribute, its identifier, or its number. */
const partyOf = ({ conversation }: WebhookBody): { readonly chatId: string | null; readonly phone: string | null } => {
  const sender = (conversation?.meta?.sender ?? {}) as Readonly<Record<string, unknown>>;
  const own = (sender['custom_attributes'] ?? {}) as Readonly<Record<string, unknown>>;
  const ids = [own[attributes.chatId], own[attributes.jid], own[attributes.lid], sender['identifier']];
  const chatId = ids.find((id) => typeof id === 'string' && (id.includes('@') || id === integrationChat));
  const phone = sender['phone_number'];
  return {
    chatId: typeof chatId === 'string' ? chatId.slice(0, 200) : null,
    phone: typeof phone === 'string' ? phone.replace(/\D/g, '').slice(0, 20) : null,
  };
};
