import { proto, type WAMessage as RawMessage } from '@whiskeysockets/baileys';
import type { EventPayloads, Log, WAMessage } from 'waha-runtime';
import type { Groups } from '../identity/groups/groups.ts';
import { type Acquaintance, otherNamesIn } from '../identity/other-names.ts';
import { jsonSafe, numberOf } from '../json-safe.ts';
import { bodyOf, contentOf, type MessageKind } from '../messages/content.ts';
import { edited } from '../messages/edits.ts';
import { messageIdOf } from '../messages/ids.ts';
import { unwrapped } from '../messages/parts.ts';
import { addressOf, messagePayload, type PayloadContext } from '../messages/payload.ts';
import type { SentMessages } from '../socket/sent-messages.ts';
import type { MessageStore } from '../store/message-store.ts';
import { type ChangeKind, Changes, type ChangesOptions, keyIn } from './changes.ts';
import { openResponse } from './event-responses.ts';
import type { IgnoredMessages } from './ignored.ts';
import { openVote } from './poll-votes.ts';
import type { Seals } from './seals.ts';

type Source = 'api' | 'app';

type Telling =
  | 'message.reaction'
  | 'message.edited'
  | 'message.revoked'
  | 'message.pinned'
  | 'message.kept'
  | 'poll.vote'
  | 'poll.vote.failed'
  | 'event.response'
  | 'event.response.failed';

/** A change as an event carries it. */
export type Told = { [E in Telling]: { readonly event: E; readonly payload: EventPayloads[E] } }[Telling];

export interface ToldChangesOptions extends ChangesOptions {
  readonly messageStore: MessageStore;
  readonly groups: Groups;
  readonly seals: Seals;
  readonly sent: Pick<SentMessages, 'has'>;
  readonly ignored: IgnoredMessages;
  readonly log: Log;
}

/** Reactions, edits, revocations, votes and answers to events: their effect on what is remembered, and their events. */
export class ToldChanges {
  readonly #options: ToldChangesOptions;
  readonly #changes: Changes;

  constructor(options: ToldChangesOptions) {
    this.#options = options;
    this.#changes = new Changes(options);
  }

  /** Asks WhatsApp what has to be known before this can be read; undefined when nothing has. Never rejects. */
  ask(raw: RawMessage, kind: MessageKind): Promise<unknown> | undefined {
    if (!this.#changes.needsAdmins(raw, kind)) return undefined;
    return this.#options.groups.of(raw.key.remoteJid ?? '');
  }

  /** Takes effect, and says what to tell; null when its sender may not do that. */
  async read(raw: RawMessage, kind: MessageKind, own: Source | undefined): Promise<Told | null> {
    const { messageStore: history, seals, ignored, log, names, me } = this.#options;
    if (kind === 'vote') return openVote(raw, { history, seals, names, me });
    if (kind === 'response') return openResponse(raw, { history, seals, names, me });
    if (!isChange(kind)) return null;
    const change = await this.#changes.read(raw, kind);
    if (!change) {
      ignored.add(raw, 'refused', log);
      return null;
    }
    await change.apply();
    return this.#told(raw, kind, change.before, own ?? 'app');
  }

  async #told(raw: RawMessage, kind: ChangeKind, before: RawMessage | null, source: Source): Promise<Told> {
    const context = { me: this.#options.me()?.id, source, others: await otherNamesIn(raw, this.#options) };
    switch (kind) {
      case 'reaction':
        return { event: 'message.reaction', payload: reactionPayload(raw, before, context) };
      case 'pinned':
        return { event: 'message.pinned', payload: pinnedPayload(raw, before, context) };
      case 'kept':
        return { event: 'message.kept', payload: keptPayload(raw, before, context) };
      case 'edited':
        return { event: 'message.edited', payload: await editedPayload(raw, before, context, this.#options) };
      case 'revoked': {
        const isOurs = before?.key.id && this.#options.sent.has(before.key.id);
        const was = before && (await payloadOf(before, { ...context, source: isOurs ? 'api' : 'app' }, this.#options));
        return { event: 'message.revoked', payload: revokedPayload(raw, was, context) };
      }
    }
  }
}

const changeKinds: ReadonlySet<string> = new Set<ChangeKind>(['edited', 'revoked', 'reaction', 'pinned', 'kept']);
const isChange = (kind: MessageKind): kind is ChangeKind => changeKinds.has(kind);

/** With the other names of those whom this message names. */
const payloadOf = async (raw: RawMessage, context: PayloadContext, acquaintance: Acquaintance): Promise<WAMessage> =>
  messagePayload(raw, { ...context, others: await otherNamesIn(raw, acquaintance) });

/** Who did it, when and where. */
const actOf = (raw: RawMessage, { me, source, others }: PayloadContext) => ({
  id: messageIdOf(raw.key, me),
  timestamp: numberOf(raw.messageTimestamp),
  ...addressOf(raw, me, others),
  source,
  _data: jsonSafe(raw),
});

/** The message is named as it was when it was sent, or came: its reader may call the chat by the person's other name. */
const subjectOf = (raw: RawMessage, before: RawMessage | null, { me }: PayloadContext): string =>
  messageIdOf(before?.key ?? { ...keyIn(raw), remoteJid: raw.key.remoteJid }, me);

const reactionPayload = (raw: RawMessage, before: RawMessage | null, context: PayloadContext) => ({
  ...actOf(raw, context),
  reaction: { text: contentOf(raw).reactionMessage?.text ?? '', messageId: subjectOf(raw, before, context) },
});

const { PIN_FOR_ALL } = proto.Message.PinInChatMessage.Type;

const pinnedPayload = (raw: RawMessage, before: RawMessage | null, context: PayloadContext) => {
  const pinned = contentOf(raw).pinInChatMessage?.type === PIN_FOR_ALL;
  const seconds = raw.message?.messageContextInfo?.messageAddOnDurationInSecs;
  return {
    ...actOf(raw, context),
    pinned,
    pinnedMessageId: subjectOf(raw, before, context),
    expiresAt: pinned && seconds ? numberOf(raw.messageTimestamp) + seconds : null,
  };
};

const keptPayload = (raw: RawMessage, before: RawMessage | null, context: PayloadContext) => ({
  ...actOf(raw, context),
  kept: contentOf(raw).keepInChatMessage?.keepType === proto.KeepType.KEEP_FOR_ALL,
  keptMessageId: subjectOf(raw, before, context),
});

const editedPayload = async (
  raw: RawMessage,
  before: RawMessage | null,
  context: PayloadContext,
  acquaintance: Acquaintance,
) => {
  const { editedMessage } = contentOf(raw).protocolMessage ?? {};
  const after = before && editedMessage ? edited(before, editedMessage) : { message: editedMessage ?? null };
  return {
    ...(await payloadOf({ ...raw, message: after.message } as RawMessage, context, acquaintance)),
    body: editedMessage ? bodyOf(unwrapped(after.message)) : null,
    editedMessageId: keyIn(raw)?.id ?? null,
    _data: jsonSafe(raw),
  };
};

const revokedPayload = (raw: RawMessage, was: WAMessage | null, context: PayloadContext) => ({
  after: messagePayload(raw, context),
  before: was,
  revokedMessageId: keyIn(raw)?.id ?? null,
});
