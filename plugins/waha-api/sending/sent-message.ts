import { named, Type, WAMessage } from 'waha-runtime';

/** What WhatsApp's own libraries call a message by. Many consumers of WAHA's NOWEB read `key.id` of an answer. */
const MessageKey = named(
  'MessageKey',
  Type.Object(
    {
      id: Type.String({ description: 'WhatsApp’s own id: the part of `id` that is the same for everybody' }),
      remoteJid: Type.String({ examples: ['11111111111@s.whatsapp.net'] }),
      fromMe: Type.Boolean(),
    },
    { additionalProperties: true },
  ),
);

/** A message as an operation that sent it answers. */
export const SentMessage = named('WAMessageSent', Type.Object({ ...WAMessage.properties, key: MessageKey }));

/** The answer with its `key`: the engine's own where it says one. */
export const withKey = (answer: unknown): unknown => {
  if (!isMessage(answer)) return answer;
  const { id, from, fromMe, _data } = answer;
  const own = (_data as { key?: unknown } | undefined)?.key;
  const [, chat = from, bare = id] = /^(?:true|false)_([^_]+)_([^_]+)/.exec(id) ?? [];
  return { ...answer, key: own ?? { id: bare, remoteJid: chat.replace(/@c\.us$/, '@s.whatsapp.net'), fromMe } };
};

const isMessage = (answer: unknown): answer is WAMessage =>
  typeof answer === 'object' && answer !== null && 'ackName' in answer && 'fromMe' in answer && 'id' in answer;
