import type { proto } from '@whiskeysockets/baileys';
import { type Content, lines, type Text } from './content-type.ts';

export const poll = {
  as: 'content',
  text: ({ name }: proto.Message.IPollCreationMessage) => name,
} as const;

/** Templates, buttons and headers name their picture as messages do. */
export const header = (part: object): readonly Content[] => {
  const { imageMessage, videoMessage, documentMessage, locationMessage, productMessage } = part as Content;
  return [imageMessage && { imageMessage }, videoMessage && { videoMessage }, documentMessage && { documentMessage }]
    .concat([locationMessage && { locationMessage }, productMessage && { productMessage }] as never[])
    .flatMap((found) => found || []);
};

export const interactive = {
  as: 'content',
  text: ({ header, body, footer }: proto.Message.IInteractiveMessage) =>
    lines(header?.title, header?.subtitle, body?.text, footer?.text),
  within: ({ header: top, footer, carouselMessage }: proto.Message.IInteractiveMessage) => [
    ...(top ? header(top) : []),
    ...(footer?.audioMessage ? [{ audioMessage: footer.audioMessage }] : []),
    ...(carouselMessage?.cards ?? []).map((interactiveMessage) => ({ interactiveMessage })),
  ],
} as const;

const hydrated = (row: proto.Message.TemplateMessage.IHydratedFourRowTemplate): Text =>
  lines(row.hydratedTitleText, row.hydratedContentText, row.hydratedFooterText);

/** A template says the same in up to four forms. */
const templateOf = (template: proto.Message.ITemplateMessage) => ({
  row: template.hydratedTemplate ?? template.hydratedFourRowTemplate,
  plain: template.fourRowTemplate,
});

export const template = {
  as: 'content',
  text: (part: proto.Message.ITemplateMessage) => {
    const { row } = templateOf(part);
    return row && hydrated(row);
  },
  within: (part: proto.Message.ITemplateMessage) => {
    const { row, plain } = templateOf(part);
    if (row) return header(row);
    if (!plain) return [{ interactiveMessage: part.interactiveMessageTemplate ?? null }];
    const { content, footer, highlyStructuredMessage } = plain;
    const texts = [highlyStructuredMessage, content, footer].map((text) => ({ highlyStructuredMessage: text ?? null }));
    return [...header(plain), ...texts];
  },
} as const;

export const structured = {
  as: 'content',
  text: ({ hydratedHsm, localizableParams, params }: proto.Message.IHighlyStructuredMessage) => {
    if (hydratedHsm) return null;
    const localised = (localizableParams ?? []).map((param) => param.default);
    return localised.some(Boolean) ? lines(...localised) : lines(...(params ?? []));
  },
  within: ({ hydratedHsm }: proto.Message.IHighlyStructuredMessage) => [{ templateMessage: hydratedHsm ?? null }],
} as const;

export const product = {
  as: 'content',
  text: ({ product, catalog, body, footer }: proto.Message.IProductMessage) =>
    lines(product?.title ?? catalog?.title, product?.description ?? catalog?.description, body, footer),
  within: ({ product, catalog }: proto.Message.IProductMessage) => [
    { imageMessage: product?.productImage ?? catalog?.catalogImage ?? null },
  ],
} as const;

export const invoice = {
  as: 'content',
  text: ({ note }: proto.Message.IInvoiceMessage) => note,
  within: (part: proto.Message.IInvoiceMessage) => {
    if (!part.attachmentMediaKey?.length) return [];
    const file = {
      mimetype: part.attachmentMimetype ?? null,
      mediaKey: part.attachmentMediaKey,
      directPath: part.attachmentDirectPath ?? null,
      fileSha256: part.attachmentFileSha256 ?? null,
      fileEncSha256: part.attachmentFileEncSha256 ?? null,
    };
    return [part.attachmentType === 1 ? { documentMessage: file } : { imageMessage: file }];
  },
} as const;

export const payment = {
  as: 'content',
  within: ({ noteMessage }: { readonly noteMessage?: Content | null }) => [noteMessage],
} as const;

export const place = {
  as: 'content',
  text: ({ comment }: proto.Message.ILocationMessage) => comment,
} as const;

export const rich = {
  as: 'content',
  text: ({ submessages }: proto.IAIRichResponseMessage) =>
    lines(...(submessages ?? []).map((part) => part.messageText)),
} as const;
