import type { AnyMessageContent } from '@whiskeysockets/baileys';
import { badRequest, type FileStatus, type Statuses, unprocessable, type WAMessage } from 'waha-runtime';
import type { RemoveStatus, TextStatus } from 'waha-runtime/engine';
import { readMessageId, STATUS } from '../messages/ids.ts';
import { mediaContentOf, uploaded } from './attachments.ts';
import { checkText } from './messages.ts';
import type { Sender } from './sender.ts';
import { StatusAudience } from './status-audience.ts';

const REVOKED = '7';

/** What is shown to many for a day. */
export class BaileysStatuses implements Statuses {
  readonly #sender: Sender;
  readonly #audience: StatusAudience;

  constructor(sender: Sender) {
    this.#sender = sender;
    this.#audience = new StatusAudience(sender.options);
  }

  async sendText({ text, id, contacts, backgroundColor, font, ...wanted }: TextStatus): Promise<WAMessage> {
    checkText(text);
    const look = { backgroundColor: colorOf(backgroundColor), font };
    const { jids: audience, nodes } = await this.#audience.forPost(contacts);
    const { previews } = this.#sender.options;
    return this.#sender.send({
      ...{ jid: STATUS, id, audience, nodes, look },
      async content(sock) {
        const preview = wanted.linkPreview ? await previews?.of(text, sock, wanted.linkPreviewHighQuality) : null;
        return { text, linkPreview: preview ?? null };
      },
    });
  }

  async sendFile({ id, contacts, backgroundColor, ...file }: FileStatus): Promise<WAMessage> {
    if (file.caption) checkText(file.caption, 'caption');
    // Phones show no voice status without a ground, and Baileys loses it when it cannot read the sound.
    const ground = file.kind === 'voice' ? { backgroundArgb: argbOf(backgroundColor ?? '#38b42f') } : {};
    const content = { ...(await mediaContentOf(file)), ...ground } as AnyMessageContent;
    const { jids: audience, nodes } = await this.#audience.forPost(contacts);
    return uploaded(() => this.#sender.send({ jid: STATUS, id, audience, nodes, content: () => content }));
  }

  async remove({ messageId, contacts }: RemoveStatus): Promise<WAMessage> {
    const { id, fromMe = true, chatId = STATUS } = readMessageId(messageId, 'id');
    if (chatId !== STATUS) throw badRequest(`id must be that of a status, true_${STATUS}_3EB0…`);
    if (!fromMe) throw unprocessable('id: only your own statuses can be deleted');
    const { jids: audience, nodes } = await this.#audience.forRemoval(contacts);
    const key = { remoteJid: STATUS, fromMe: true, id };
    const attributes = { edit: REVOKED };
    return this.#sender.send({ jid: STATUS, audience, nodes, attributes, content: () => ({ delete: key }) });
  }
}

const colorOf = (color: string): string => {
  if (!/^#?[0-9a-f]{6}$/i.test(color.trim())) throw badRequest('backgroundColor must look like #38b42f');
  return `#${color.trim().replace(/^#/, '')}`;
};

const argbOf = (color: string): number => Number.parseInt(`ff${colorOf(color).slice(1)}`, 16);
