import {
  isJidGroup,
  type proto,
  type WAMessage as RawMessage,
  updateMessageWithReaction,
} from '@whiskeysockets/baileys';
import type { MeInfo } from 'waha-runtime';
import type { StoredMessage } from 'waha-runtime/engine';
import type { Groups, KnownGroup } from '../identity/groups/groups.ts';
import type { LidMappings } from '../identity/lid-mappings.ts';
import { contentOf } from '../messages/content.ts';
import { edited } from '../messages/edits.ts';
import { chatIdOf } from '../messages/ids.ts';
import { recall } from '../messages/stored-message.ts';
import type { MessageStore } from '../store/message-store.ts';

export type ChangeKind = 'edited' | 'revoked' | 'reaction' | 'pinned' | 'kept';

/** A change that its sender may make. */
export interface Change {
  /** What it is about, as it was before; null when that is not remembered. */
  readonly before: RawMessage | null;
  /** Takes effect on what is remembered. */
  apply(): Promise<void>;
}

export interface ChangesOptions {
  readonly messageStore: MessageStore;
  readonly names: LidMappings;
  readonly groups: Pick<Groups, 'known' | 'of'>;
  me(): MeInfo | null;
}

/**
 * Edits, revocations, reactions, pins and what is kept, as far as WhatsApp's own apps accept them. Whoever sends one names the message it
 * is about and may name any: only its author edits it, and only its author or, in a group, an admin revokes it. Everybody pins, but for
 * groups whose settings only admins change.
 */
export class Changes {
  readonly #options: ChangesOptions;

  constructor(options: ChangesOptions) {
    this.#options = options;
  }

  /** Whether WhatsApp has to be asked who the admins of the group are, before this can be decided. */
  needsAdmins(raw: RawMessage, kind: string): boolean {
    const { remoteJid, fromMe } = raw.key;
    return (
      (kind === 'revoked' || kind === 'pinned') && !fromMe && isJidGroup(remoteJid ?? '') === true && !this.#admins(raw)
    );
  }

  /** Null: its sender may not. */
  async read(raw: RawMessage, kind: ChangeKind): Promise<Change | null> {
    const key = keyIn(raw);
    const people = await this.#people(raw);
    const stored = key?.id ? await this.#stored(key.id, people) : null;
    const before = stored && recall(stored);
    const isAllowed = kind === 'reaction' || kind === 'kept' || this.#mayChange(raw, kind, stored, people);
    if (!isAllowed) return null;
    const make = key?.id ? makeOf(raw, kind) : null;
    const apply = async (): Promise<void> => {
      if (stored && make) await this.#options.messageStore.change(stored, make);
    };
    return { before, apply };
  }

  #mayChange(raw: RawMessage, kind: ChangeKind, stored: StoredMessage | null, { authors }: People): boolean {
    if (kind === 'pinned') return this.#mayPin(raw, authors);
    const isOwn = stored ? isAuthor(raw, stored, authors) : claimsOwn(raw, authors);
    if (isOwn || kind === 'edited') return isOwn;
    // Our own phone knows what it may do.
    return raw.key.fromMe === true || authors.some((id) => this.#admins(raw)?.has(id) === true);
  }

  #mayPin(raw: RawMessage, authors: readonly string[]): boolean {
    const group = this.#options.groups.known(raw.key.remoteJid ?? '');
    if (raw.key.fromMe || !group?.metadata.restrict) return true;
    return authors.some((id) => group.admins.has(id));
  }

  #admins(raw: RawMessage): KnownGroup['admins'] | undefined {
    return this.#options.groups.known(raw.key.remoteJid ?? '')?.admins;
  }

  /** Ids are chosen by their senders: nobody changes what is in another chat. */
  async #stored(id: string, { chats }: People): Promise<StoredMessage | null> {
    const stored = await this.#options.messageStore.find(id).catch(() => null);
    return stored && chats.includes(stored.chatId) ? stored : null;
  }

  /** The chat and the author, under all their names. */
  async #people({ key }: RawMessage): Promise<People> {
    const { names, me } = this.#options;
    const author = key.participant ? [key.participant, key.participantAlt] : [key.remoteJid, key.remoteJidAlt];
    const [chats, authors] = await Promise.all([
      names.idsOf([key.remoteJid, key.remoteJidAlt]),
      names.idsOf(key.fromMe ? [me()?.jid, me()?.lid] : author),
    ]);
    return { chats, authors };
  }
}

interface People {
  readonly chats: readonly string[];
  readonly authors: readonly string[];
}

/** The key of the message that it is about, from its sender's point of view. */
export const keyIn = (raw: RawMessage): proto.IMessageKey | null => {
  const { protocolMessage, reactionMessage, pinInChatMessage, keepInChatMessage } = contentOf(raw);
  return protocolMessage?.key ?? reactionMessage?.key ?? pinInChatMessage?.key ?? keepInChatMessage?.key ?? null;
};

const isAuthor = ({ key }: RawMessage, { fromMe, participant }: StoredMessage, authors: readonly string[]): boolean => {
  if ((key.fromMe === true) !== fromMe) return false;
  return fromMe || participant === null || authors.includes(participant);
};

/** Of a message that is not remembered: whether its sender says that it is their own. */
const claimsOwn = (raw: RawMessage, authors: readonly string[]): boolean => {
  const key = keyIn(raw);
  if (raw.key.fromMe || !key) return true;
  if (key.participant) return authors.includes(chatIdOf(key.participant));
  // A chat with one person is named after the other side: who names their own means their own messages.
  return key.fromMe === true || authors.includes(chatIdOf(key.remoteJid ?? ''));
};

type Make = (message: StoredMessage) => { readonly raw: RawMessage; readonly listed: boolean } | null;

const REVOKED = 1;

const makeOf = (raw: RawMessage, kind: ChangeKind): Make | null => {
  switch (kind) {
    case 'pinned':
    case 'kept':
      return null;
    case 'edited':
      return (message) => {
        const { editedMessage } = contentOf(raw).protocolMessage ?? {};
        return editedMessage ? { raw: edited(recall(message), editedMessage), listed: true } : null;
      };
    case 'revoked':
      // Nothing of what it said stays.
      return (message) => ({
        raw: { ...recall(message), message: null, messageStubType: REVOKED } as RawMessage,
        listed: false,
      });
    case 'reaction':
      return (message) => {
        const reacted = recall(message);
        updateMessageWithReaction(reacted, { ...contentOf(raw).reactionMessage, key: raw.key });
        return { raw: reacted, listed: true };
      };
  }
};
