import type { WAMessage } from 'waha-runtime';
import { toMarkdown } from '../texts/markup.ts';
import type { Texts } from '../texts/texts.ts';

/** What of a message is text, as Chatwoot shows it. */
export const textOf = (message: WAMessage, texts: Texts): string => {
  const { location, vCards, body, hasMedia } = message;
  if (location) return texts.of('whatsapp.to.chatwoot.message.location', location);
  if (vCards && vCards.length > 0) {
    return texts.of('whatsapp.to.chatwoot.message.contacts', { contacts: vCards.map(cardOf) });
  }
  const poll = pollOf(message._data);
  if (poll) return texts.of('whatsapp.to.chatwoot.message.poll', poll);
  if (!body && !hasMedia) return texts.of('whatsapp.to.chatwoot.message.unsupported');
  return texts.of('whatsapp.to.chatwoot.message', { payload: { ...message, body: toMarkdown(body ?? '') } });
};

const cardOf = (vcard: string) => ({
  fullName: /^FN[^:\n]{0,100}:(.{1,500})$/m.exec(vcard)?.[1]?.trim() ?? '',
  phoneNumbers: [...vcard.matchAll(/^(?:item\d{1,3}\.)?TEL[^:\n]{0,200}:(.{1,100})$/gm)].map(([, number = '']) =>
    number.trim(),
  ),
});

interface Poll {
  readonly name: string;
  readonly options: readonly string[];
}

/** WhatsApp has several types of polls, which hold the same. */
const pollOf = (data: unknown): Poll | null => {
  const message = (data as { readonly message?: Readonly<Record<string, unknown>> } | null | undefined)?.message ?? {};
  const key = Object.keys(message).find((name) => /^pollCreationMessage/.test(name) && message[name]);
  if (key === undefined) return null;
  const { name, options } = message[key] as { readonly name?: unknown; readonly options?: unknown };
  const names = Array.isArray(options) ? options.map((option) => String(option?.optionName ?? '')) : [];
  return { name: String(name ?? ''), options: names };
};
