import { type Client, type Sessions, unprocessable } from 'waha-runtime';
import type { ChatwootConfig } from '../config.ts';
import { bareId, contentHash, type MappedMessage, type MessageMap } from '../message-map.ts';
import { toWhatsApp } from '../texts/markup.ts';
import type { Texts } from '../texts/texts.ts';
import type { FileSender } from './file-sender.ts';
import type { Progress, Task } from './task.ts';

export interface SendingParts {
  readonly app: string;
  readonly session: string;
  readonly config: ChatwootConfig;
  readonly sessions: Sessions;
  readonly map: MessageMap;
  readonly texts: Texts;
  readonly files: FileSender;
}

type Send = Extract<Task, { readonly kind: 'send' | 'retry' }>;
type Note = (progress: Progress) => Promise<void>;

/** Does in WhatsApp what agents do in Chatwoot. */
export class Sending {
  readonly #parts: SendingParts;

  constructor(parts: SendingParts) {
    this.#parts = parts;
  }

  /** Sends the text and the files of a message, each under an id that was kept before: what is sent again arrives once. */
  async send(task: Send, progress: Progress, note: Note): Promise<void> {
    const { session, sessions, config, texts, files } = this.#parts;
    const client = await sessions.client(session);
    const chatId = await this.#chatOf(task, client);
    const content = toWhatsApp(task.content);
    const single = task.attachments.length === 1;
    const text = single ? '' : texts.of('chatwoot.to.whatsapp.message.text', { content, chatwoot: task });
    const count = (text ? 1 : 0) + task.attachments.length;
    if (count === 0) throw unprocessable('the message is empty');
    const ids = await this.#ids(client, count, progress, note);
    await this.#remember(task, chatId, ids);
    const replyTo = await this.#quoted(task);
    if (config.conversations?.markAsRead ?? true) await client.messages.sendSeen({ chatId }).catch(() => undefined);
    if (text) {
      const linkPreview = config.linkPreview !== undefined && config.linkPreview !== 'OFF';
      const preview = { linkPreview, linkPreviewHighQuality: config.linkPreview === 'HG' };
      await client.messages.sendText({ chatId, text, id: ids[0] ?? '', ...replyTo, ...preview });
    }
    const values = { content, chatwoot: task, singleAttachment: single };
    const caption = texts.of('chatwoot.to.whatsapp.message.media.caption', values);
    for (const [index, file] of task.attachments.entries()) {
      await files.send(session, file, { chatId, caption, id: ids[index + (text ? 1 : 0)] ?? '', ...replyTo });
    }
  }

  async remove(task: Task): Promise<void> {
    const { app, session, sessions, map } = this.#parts;
    for (const row of await map.byChatwoot(app, task.message)) {
      if (row.removed) continue;
      const { changes } = await sessions.client(session);
      await changes?.remove({ messageId: row.full });
      await map.put({ ...row, removed: 1 });
    }
  }

  /** Chatwoot tells of every change of a message; only another text is an edit. */
  async edit(task: Extract<Task, { readonly kind: 'edit' }>): Promise<void> {
    const { app, session, sessions, map } = this.#parts;
    const [first, ...others] = await map.byChatwoot(app, task.message);
    const text = toWhatsApp(task.content);
    const isEdit = first?.direction === 'out' && first.content !== null && others.length === 0;
    if (!isEdit || text === '' || first.content === contentHash(text)) return;
    const { changes } = await sessions.client(session);
    // Before it is done: the event that tells of it is known then.
    await map.put({ ...first, content: contentHash(text) });
    await changes?.edit({ messageId: first.full, text });
  }

  async #chatOf({ chatId, phone }: Task, { numbers }: Client): Promise<string> {
    if (chatId) return chatId;
    if (!phone) throw unprocessable('the contact has neither a number nor an id of WhatsApp');
    const found = await numbers?.check(phone);
    if (found && !found.numberExists) throw unprocessable(`the number ${phone} is not on WhatsApp`);
    return found?.chatId ?? `${phone}@c.us`;
  }

  async #ids({ messageIds }: Client, count: number, progress: Progress, note: Note): Promise<readonly string[]> {
    if (progress.ids?.length === count) return progress.ids;
    const ids: string[] = [];
    while (ids.length < count) ids.push(bareId((await messageIds?.create()) ?? ''));
    await note({ ...progress, ids });
    return ids;
  }

  /** Before it is sent: the event of a message that we send ourselves is known as ours. */
  async #remember({ message, conversation, content }: Send, chatId: string, ids: readonly string[]): Promise<void> {
    const { app, map } = this.#parts;
    for (const [index, id] of ids.entries()) {
      const row: Partial<MappedMessage> = index === 0 ? { content: contentHash(toWhatsApp(content)) } : {};
      const known = await map.get(app, id);
      if (known) continue;
      const full = `true_${chatId}_${id}`;
      await map.put({ app, source: id, whatsapp: id, full, conversation, chatwoot: message, direction: 'out', ...row });
    }
  }

  async #quoted({ replyTo }: Send): Promise<{ readonly replyTo?: string }> {
    if (replyTo === null) return {};
    const [row] = await this.#parts.map.byChatwoot(this.#parts.app, replyTo);
    return row ? { replyTo: row.full } : {};
  }
}
