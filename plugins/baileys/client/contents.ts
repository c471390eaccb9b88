import type { AnyMessageContent, BinaryNode, proto } from '@whiskeysockets/baileys';
import { prepareWAMessageMedia } from '@whiskeysockets/baileys';
import { badRequest, type MessageButton, type WAMessage } from 'waha-runtime';
import type {
  Contents,
  SendButtons,
  SendContacts,
  SendLinkPreview,
  SendList,
  SendLocation,
  SendOptions,
  SendPoll,
} from 'waha-runtime/engine';
import { jidOf } from '../messages/ids.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import { previewOf } from './link-preview.ts';
import { checkText } from './messages.ts';
import type { Sender } from './sender.ts';

const node = (tag: string, attrs: Record<string, string> = {}, content?: BinaryNode[]): BinaryNode => ({
  tag,
  attrs,
  ...(content ? { content } : {}),
});

/** What says to phones that a message with a list, or with buttons, is one. */
const LIST_NODES = [node('biz', {}, [node('list', { v: '2', type: 'product_list' })])];
const BUTTON_NODES = [
  node('biz', {}, [
    node('interactive', { type: 'native_flow', v: '1' }, [node('native_flow', { v: '9', name: 'mixed' })]),
  ]),
];
const POLL_NODES = [node('meta', { polltype: 'creation' })];

/** Locations, contact cards, polls, lists, buttons and links with a preview of one's own. */
export class BaileysContents implements Contents {
  readonly #sender: Sender;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  async sendLocation({ latitude, longitude, title, ...options }: SendLocation): Promise<WAMessage> {
    const location = { degreesLatitude: latitude, degreesLongitude: longitude, ...(title ? { name: title } : {}) };
    return this.#send(options, () => ({ location }));
  }

  async sendContacts({ contacts, ...options }: SendContacts): Promise<WAMessage> {
    if (contacts.length === 0) throw badRequest('contacts must have at least one contact');
    const cards = contacts.map(({ name, vcard }) => ({ displayName: name, vcard }));
    const displayName = cards.length === 1 ? cards[0]?.displayName : `${cards.length} contacts`;
    return this.#send(options, () => ({ contacts: { ...(displayName ? { displayName } : {}), contacts: cards } }));
  }

  async sendPoll({ name, options: values, multipleAnswers, ...options }: SendPoll): Promise<WAMessage> {
    checkText(name, 'poll.name');
    if (values.length < 2 || values.length > 12) throw badRequest('poll.options must be 2 to 12 options');
    if (new Set(values).size < values.length) throw badRequest('poll.options must differ from each other');
    const poll = { name, values: [...values], selectableCount: multipleAnswers ? values.length : 1 };
    return this.#send(options, () => ({ poll }), POLL_NODES);
  }

  async sendList({ title, description, footer, button, sections, chatId, id, replyTo }: SendList): Promise<WAMessage> {
    if (!sections.some(({ rows }) => rows.length > 0)) throw badRequest('message.sections must have at least one row');
    const listMessage: proto.Message.IListMessage = {
      title,
      buttonText: button,
      listType: 1,
      sections: sections.map((section) => ({ ...section, rows: section.rows.map((row) => ({ ...row })) })),
      ...(description ? { description } : {}),
      ...(footer ? { footerText: footer } : {}),
    };
    const message = () => ({ listMessage });
    return this.#sender.sendFinished({ jid: jidOf(chatId), id, replyTo, message, nodes: LIST_NODES });
  }

  async sendButtons(request: SendButtons): Promise<WAMessage> {
    const { header, headerImage, body, footer, buttons, chatId, id, replyTo } = request;
    if (buttons.length === 0) throw badRequest('buttons must have at least one button');
    const message = async (sock: BaileysSocket): Promise<proto.IMessage> => {
      const picture = headerImage ? await imageOf(headerImage, sock) : {};
      const interactiveMessage: proto.Message.IInteractiveMessage = {
        header: { title: header ?? '', hasMediaAttachment: headerImage !== undefined, ...picture },
        body: { text: body },
        nativeFlowMessage: { buttons: buttons.map(buttonOf), messageVersion: 1 },
        ...(footer ? { footer: { text: footer } } : {}),
      };
      return { viewOnceMessage: { message: { interactiveMessage } } };
    };
    return this.#sender.sendFinished({ jid: jidOf(chatId), id, replyTo, message, nodes: BUTTON_NODES });
  }

  async sendLinkPreview({ text, preview, highQuality, ...options }: SendLinkPreview): Promise<WAMessage> {
    checkText(text);
    if (!text.includes(preview.url)) throw badRequest('text must contain preview.url');
    const { url: link, title, description, image } = preview;
    return this.#send(options, async (sock) => ({
      text,
      linkPreview: await previewOf({ link, title, description, image }, sock, highQuality ?? false),
    }));
  }

  #send(
    { chatId, id, replyTo }: SendOptions,
    content: (sock: BaileysSocket) => AnyMessageContent | Promise<AnyMessageContent>,
    nodes: BinaryNode[] = [],
  ): Promise<WAMessage> {
    return this.#sender.send({ jid: jidOf(chatId), id, replyTo, content, nodes });
  }
}

const imageOf = async (image: Uint8Array, { waUploadToServer: upload }: BaileysSocket) => {
  const { imageMessage } = await prepareWAMessageMedia({ image: Buffer.from(image) }, { upload });
  return imageMessage ? { imageMessage } : {};
};

const buttonOf = (button: MessageButton): proto.Message.InteractiveMessage.NativeFlowMessage.INativeFlowButton => {
  const shown = { display_text: button.text };
  const as = (name: string, params: object) => ({ name, buttonParamsJson: JSON.stringify({ ...shown, ...params }) });
  switch (button.type) {
    case 'reply':
      return as('quick_reply', { id: button.id });
    case 'url':
      return as('cta_url', { url: button.url, merchant_url: button.url });
    case 'call':
      return as('cta_call', { phone_number: button.phoneNumber });
    case 'copy':
      return as('cta_copy', { copy_code: button.copyCode });
  }
};
