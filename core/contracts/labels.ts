import { Identity } from './message.ts';
import type { ChatInfo } from './reading.ts';
import { named, Type, type ValueOf } from './schema.ts';

/** The colours of WhatsApp's labels, by their number. */
export const labelColors = [
  ...['#ff9485', '#64c4ff', '#ffd429', '#dfaef0', '#99b6c1', '#55ccb3', '#ff9dff', '#d3a91d', '#6d7cce', '#d7e752'],
  ...['#00d0e2', '#ffc5c7', '#93ceac', '#f74848', '#00a0f2', '#83e422', '#ffaf04', '#b5ebff', '#9ba6ff', '#9368cf'],
] as const;

/** `#rrggbb` of a colour's number; black for one that is not known here. */
export const labelColorHex = (color: number): string => labelColors[color] ?? '#000000';

/** A label as events and answers carry it. */
export const Label = named(
  'Label',
  Type.Object({
    id: Type.String({ examples: ['1'] }),
    name: Type.String({ examples: ['Lead'] }),
    color: Type.Number({ description: 'WhatsApp’s number of the colour, 0 to 19', examples: [0] }),
    colorHex: Type.String({ examples: ['#ff9485'] }),
  }),
);
export type Label = ValueOf<typeof Label>;

/** The payload of `label.chat.added` and `label.chat.deleted`. */
export const LabelChatAssociation = named(
  'LabelChatAssociation',
  Type.Object({
    labelId: Type.String({ examples: ['1'] }),
    chatId: Type.String({ description: 'The id of the chat that has the label', examples: ['11111111111@c.us'] }),
    chatIdentity: Type.Optional(Identity),
    label: Type.Union([Label, Type.Null()], { description: 'null if the label is unknown' }),
  }),
);
export type LabelChatAssociation = ValueOf<typeof LabelChatAssociation>;

/** What a label is to be. */
export interface LabelContent {
  readonly name: string;
  /** 0 to 19. */
  readonly color: number;
}

/** Labels of a business account; the phone and all linked devices see them. Every call needs the session's store. */
export interface Labels {
  list(): Promise<readonly Label[]>;
  /** `UNPROCESSABLE` when the name is taken, or there are 20 labels already. */
  create(label: LabelContent): Promise<Label>;
  /** `NOT_FOUND` for a label that is not known, `UNPROCESSABLE` when another one has the name. */
  update(labelId: string, label: LabelContent): Promise<Label>;
  /** `NOT_FOUND` for a label that is not known. */
  remove(labelId: string): Promise<void>;
  /** The labels of a chat. */
  ofChat(chatId: string): Promise<readonly Label[]>;
  /** Sets all labels of a chat. `NOT_FOUND` for a label that is not known; then nothing changes. */
  setForChat(chatId: string, labelIds: readonly string[]): Promise<void>;
  /** The chats with a label. `NOT_FOUND` for a label that is not known. */
  chats(labelId: string): Promise<readonly Omit<ChatInfo, 'unreadCount'>[]>;
}
