import type { WAMessage } from 'waha-runtime';
import { toMarkdown } from '../texts/markup.ts';
import type { Texts } from '../texts/texts.ts';
import { happeningOf } from './happening.ts';

/** What of a message is text, as Chatwoot shows it. */
export const textOf = (message: WAMessage, texts: Texts): string => {
  const { location, vCards, body, hasMedia } = message;
  const said = () =>
    texts.of('whatsapp.to.chatwoot.message', { payload: { ...message, body: toMarkdown(body ?? '') } });
  const event = contentIn(message._data, /^eventMessage$/);
  if (event) {
    const told = texts.of('whatsapp.to.chatwoot.message.event', happeningOf(event, texts.locale));
    return location ? `${told}\n\n${texts.of('whatsapp.to.chatwoot.message.location', location)}` : told;
  }
  if (location) {
    // Templates and moving places say something besides.
    const place = texts.of('whatsapp.to.chatwoot.message.location', location);
    return body ? `${said()}\n\n${place}` : place;
  }
  if (vCards && vCards.length > 0) {
    return texts.of('whatsapp.to.chatwoot.message.contacts', { contacts: vCards.map(cardOf) });
  }
  const poll = pollOf(message._data);
  if (poll) return texts.of('whatsapp.to.chatwoot.message.poll', poll);
  if (!body && !hasMedia) return texts.of('whatsapp.to.chatwoot.message.unsupported');
  return said();
};

const cardOf = (vcard: string) => ({
  fullName: /^FN[^:\n]{0,100}:(.{1,500})$/m.exec(vcard)?.[1]?.trim() ?? '',
  phoneNumbers: [...vcard.matchAll(/^(?:item\d{1,3}\.)?TEL[^:\n]{0,200}:(.{1,100})$/gm)].map(([, number = '']) =>
    number.trim(),
  ),
});

type Fields = Readonly<Record<string, unknown>>;

/** Wrappers say that a message disappears, say, and hold the message; they are in each other at most this deep. */
const deepest = 5;

/** The content of a type, in whatever wrappers. WhatsApp has several types of polls, which hold the same. */
const contentIn = (holder: unknown, type: RegExp, depth = 0): Fields | null => {
  const message = (holder as { readonly message?: Fields | null } | null | undefined)?.message ?? {};
  const key = Object.keys(message).find((name) => type.test(name) && message[name]);
  const content = key === undefined ? undefined : (message[key] as Fields);
  if (content && !content['message']) return content;
  const inner = depth < deepest ? Object.values(message).find((value) => (value as Fields | null)?.['message']) : null;
  return inner ? contentIn(inner, type, depth + 1) : null;
};

const pollOf = (data: unknown) => {
  const poll = contentIn(data, /^pollCreationMessage/);
  if (!poll) return null;
  const { name, options } = poll;
  const names = Array.isArray(options) ? options.map((option) => String(option?.optionName ?? '')) : [];
  return { name: String(name ?? ''), options: names };
};
