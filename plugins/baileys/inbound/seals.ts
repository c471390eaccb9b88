import { createDecipheriv, hkdfSync } from 'node:crypto';
import { proto, type WAMessage as RawMessage } from '@whiskeysockets/baileys';
import type { MeInfo } from 'waha-runtime';
import type { SessionHistory } from 'waha-runtime/engine';
import type { LidMappings } from '../identity/lid-mappings.ts';
import { contentOf } from '../messages/content.ts';
import { unwrapped } from '../messages/parts.ts';
import { recall } from '../messages/stored-message.ts';

/** What an answer to a message is sealed with. */
export interface Seal {
  readonly id: string;
  readonly secret: Buffer;
  readonly creator: string;
  readonly author: string;
}

export interface SealsOptions {
  readonly history: Pick<SessionHistory, 'find'>;
  readonly names: Pick<LidMappings, 'jidsOf'>;
  me(): MeInfo | null;
}

/**
 * Opens what is sealed with the secret of the message that it is about (`messageContextInfo.messageSecret`): votes, answers to
 * events, comments, reactions in announcement groups, and since May 2026 edits. People go by two names, and it is sealed with
 * whichever their clients used.
 */
export class Seals {
  readonly #options: SealsOptions;

  constructor(options: SealsOptions) {
    this.#options = options;
  }

  /** Null when none of their names fits. */
  async open<T>(about: RawMessage, answer: RawMessage, open: (seal: Seal) => T): Promise<T | null> {
    const secret = about.message?.messageContextInfo?.messageSecret;
    const { id } = about.key;
    if (!secret?.length || !id) return null;
    const [creators, authors] = await Promise.all([this.#namesOf(about.key), this.#namesOf(answer.key)]);
    for (const creator of creators) {
      for (const author of authors) {
        try {
          return open({ id, secret: Buffer.from(secret), creator, author });
        } catch {
          // Sealed with another name.
        }
      }
    }
    return null;
  }

  /** A sealed message as it would have come unsealed; null when what it is about is not remembered, or it cannot be opened. */
  async unsealed(raw: RawMessage): Promise<RawMessage | null> {
    const sealed = sealedIn(raw);
    const stored = sealed?.target?.id ? await this.#options.history.find(sealed.target.id).catch(() => null) : null;
    if (!sealed || !stored) return null;
    const plain = await this.open(recall(stored), raw, (seal) => decrypted(sealed, seal));
    if (!plain) return null;
    const { messageContextInfo } = raw.message ?? {};
    return { ...raw, message: { ...plain, ...(messageContextInfo ? { messageContextInfo } : {}) } } as RawMessage;
  }

  #namesOf({ fromMe, participant, participantAlt, remoteJid, remoteJidAlt }: RawMessage['key']): Promise<string[]> {
    const { names, me } = this.#options;
    const theirs = participant ? [participant, participantAlt] : [remoteJid, remoteJidAlt];
    return names.jidsOf(fromMe ? [me()?.jid, me()?.lid] : theirs);
  }
}

interface Sealed {
  readonly purpose: 'Message Edit' | 'Event Edit' | 'Enc Comment' | 'Enc Reaction';
  readonly target: proto.IMessageKey | null | undefined;
  readonly payload: Uint8Array;
  readonly iv: Uint8Array;
}

const { EVENT_EDIT, MESSAGE_EDIT } = proto.Message.SecretEncryptedMessage.SecretEncType;

const sealedIn = (raw: RawMessage): Sealed | null => {
  const { secretEncryptedMessage: edit, encCommentMessage, encReactionMessage } = contentOf(raw);
  const part = edit ?? encCommentMessage ?? encReactionMessage;
  if (!part?.encPayload || !part.encIv) return null;
  const facts = { target: part.targetMessageKey, payload: part.encPayload, iv: part.encIv };
  if (encCommentMessage) return { ...facts, purpose: 'Enc Comment' };
  if (encReactionMessage) return { ...facts, purpose: 'Enc Reaction' };
  if (edit?.secretEncType === MESSAGE_EDIT) return { ...facts, purpose: 'Message Edit' };
  return edit?.secretEncType === EVENT_EDIT ? { ...facts, purpose: 'Event Edit' } : null;
};

const TAG_LENGTH = 16;

/** HKDF over the message's secret and who says what about whose message, then AES-256-GCM without associated data. */
const opened = ({ purpose, payload, iv }: Sealed, { id, secret, creator, author }: Seal): Uint8Array => {
  const info = Buffer.from(id + creator + author + purpose);
  const key = Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), info, 32));
  const decipher = createDecipheriv('aes-256-gcm', key, iv);
  decipher.setAuthTag(payload.subarray(-TAG_LENGTH));
  return Buffer.concat([decipher.update(payload.subarray(0, -TAG_LENGTH)), decipher.final()]);
};

const decrypted = (sealed: Sealed, seal: Seal): proto.IMessage => {
  const bytes = opened(sealed, seal);
  const key = sealed.target ?? null;
  if (sealed.purpose === 'Enc Reaction')
    return { reactionMessage: { ...proto.Message.ReactionMessage.decode(bytes), key } };
  const message = proto.Message.decode(bytes);
  if (sealed.purpose === 'Enc Comment') return { commentMessage: { message, targetMessageKey: key } };
  const { protocolMessage } = unwrapped(message);
  const { editedMessage = message, timestampMs = null } = protocolMessage ?? {};
  const type = proto.Message.ProtocolMessage.Type.MESSAGE_EDIT;
  return { protocolMessage: { key, type, editedMessage, timestampMs } };
};
