import { createHash } from 'node:crypto';
import { decryptPollVote, type proto, type WAMessage as RawMessage } from '@whiskeysockets/baileys';
import type { MeInfo } from 'waha-runtime';
import type { PollVotePayload, SessionHistory } from 'waha-runtime/engine';
import { jsonSafe, numberOf } from '../json-safe.ts';
import { contentOf, pollOf } from '../messages/content.ts';
import { messageIdOf } from '../messages/ids.ts';
import { addressOf } from '../messages/payload.ts';
import { recall } from '../messages/stored-message.ts';
import type { Seals } from './seals.ts';

/** A vote as an event carries it. */
export interface OpenedVote {
  /** `poll.vote.failed`: the poll is not known, or the vote cannot be decrypted. */
  readonly event: 'poll.vote' | 'poll.vote.failed';
  readonly payload: PollVotePayload;
}

/** Decrypts a vote with the secret of its poll, which must be remembered. */
export const openVote = async (
  raw: RawMessage,
  { history, seals, me }: { history: Pick<SessionHistory, 'find'>; seals: Seals; me: MeInfo | null },
): Promise<OpenedVote> => {
  const { pollCreationMessageKey: pollKey, vote } = contentOf(raw).pollUpdateMessage ?? {};
  const stored = pollKey?.id ? await history.find(pollKey.id) : null;
  const poll = stored ? recall(stored) : null;
  const hashes = poll && vote ? await decrypted(vote, poll, raw, seals) : null;
  const names = poll && hashes ? optionsOf(poll, hashes) : null;
  const key = poll?.key ?? { ...pollKey, remoteJid: raw.key.remoteJid ?? null };
  return {
    event: names ? 'poll.vote' : 'poll.vote.failed',
    payload: {
      vote: {
        ...destination(raw.key, me),
        selectedOptions: names ?? [],
        timestamp:
          numberOf(contentOf(raw).pollUpdateMessage?.senderTimestampMs) || numberOf(raw.messageTimestamp) * 1000,
      },
      poll: destination(key, me),
      _data: jsonSafe(raw),
    },
  };
};

/** Who wrote which message to whom. */
export const destination = (key: RawMessage['key'], me: MeInfo | null) => {
  const { from, to, fromMe, participant } = addressOf({ key }, me?.id);
  const ours = fromMe && participant === undefined;
  const who = { from: ours ? (me?.id ?? from) : from, to, fromMe, ...(participant ? { participant } : {}) };
  return { id: messageIdOf(key, me?.id), ...who };
};

const decrypted = (
  vote: proto.Message.IPollEncValue,
  poll: RawMessage,
  raw: RawMessage,
  seals: Seals,
): Promise<readonly Uint8Array[] | null> =>
  seals.open(poll, raw, ({ id: pollMsgId, secret: pollEncKey, creator: pollCreatorJid, author: voterJid }) => {
    return decryptPollVote(vote, { pollCreatorJid, pollMsgId, pollEncKey, voterJid }).selectedOptions ?? [];
  });

/** Votes name options by their hashes. Null when one is none of the poll's. */
const optionsOf = (poll: RawMessage, hashes: readonly Uint8Array[]): string[] | null => {
  const options = pollOf(contentOf(poll))?.options ?? [];
  const names = hashes.map((hash) =>
    options.find(({ optionName }) =>
      createHash('sha256')
        .update(optionName ?? '')
        .digest()
        .equals(hash),
    ),
  );
  return names.every((option) => option !== undefined) ? names.map((option) => option?.optionName ?? '') : null;
};
