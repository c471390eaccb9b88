import { named, type RouteResponse, SessionName, Type } from 'waha-runtime';
import { BodySession } from './session.ts';

export const ChatId = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'A chat: <phone>@c.us, <id>@g.us, <id>@lid, <id>@newsletter, a phone number or a username',
  examples: ['11111111111@c.us'],
});
export const MessageId = Type.String({
  minLength: 1,
  maxLength: 300,
  description: 'The full id of a message, or its last part',
  examples: ['false_11111111111@c.us_3EB0AAAAAAAAAAAAAAAAAA'],
});

/** A text that may be left out. */
export const maybe = (description: string) => Type.Optional(Type.Union([Type.String(), Type.Null()], { description }));

/** A switch that may be left out. */
export const flag = (byDefault: boolean, description?: string) =>
  Type.Optional(
    Type.Union([Type.Boolean(), Type.Null()], { default: byDefault, ...(description ? { description } : {}) }),
  );

/** What WhatsApp lets one write; longer ones are refused before anything is sent. */
export const Text = Type.String({ maxLength: 65_536, examples: ['Hi there!'] });
export const Mentions = Type.Optional(
  Type.Union([Type.Array(Type.String()), Type.Null()], { description: 'Chat ids to notify' }),
);
const Id = maybe('Send under this id, made by new-message-id');

/** What every body that sends a message has. */
export const sending = { session: BodySession, chatId: ChatId, id: Id, reply_to: maybe('The message to quote') };

/** What a body about a message that exists has. */
export const about = { session: BodySession, messageId: MessageId, id: Id };

export const ChatRequest = named('ChatRequest', Type.Object({ session: BodySession, chatId: ChatId }));

export const ChatParams = Type.Object({ session: SessionName, chatId: ChatId });
export const MessageParams = Type.Object({ session: SessionName, chatId: ChatId, messageId: MessageId });
/** What only the author of a message may do. */
export const OwnMessageParams = Type.Object({
  session: SessionName,
  chatId: ChatId,
  messageId: Type.Unsafe<string>({ ...MessageId, examples: ['true_11111111111@c.us_3EB0BBBBBBBBBBBBBBBBBB'] }),
});

/** Everything that goes to WhatsApp fails in these ways. */
export const failures: Record<number, RouteResponse> = {
  404: { description: 'There is no such session' },
  422: { description: 'The session is not WORKING, nobody has the number, or WhatsApp refused' },
  503: { description: 'The connection closed during the call' },
};

/** The fields that were given: null counts as absent. */
export const given = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], null | undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], null | undefined>;
  };

export const ChatPictureResponse = named(
  'ChatPictureResponse',
  Type.Object({
    url: Type.Union([Type.String(), Type.Null()], { description: 'null when there is none, or it is hidden' }),
  }),
);
