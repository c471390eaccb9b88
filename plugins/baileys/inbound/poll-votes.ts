import { createHash } from 'node:crypto';
import { decryptPollVote, type proto, type WAMessage as RawMessage } from '@whiskeysockets/baileys';
import type { MeInfo } from 'waha-runtime';
import type { PollVotePayload, SessionHistory } from 'waha-runtime/engine';
import { type Acquaintance, otherNamesOf } from '../identity/other-names.ts';
import { jsonSafe, numberOf } from '../json-safe.ts';
import { contentOf, pollOf } from '../messages/content.ts';
import { identityOf, type OtherNames } from '../messages/identity.ts';
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

/** What an answer to a message is opened with. */
export interface AnswerOptions extends Acquaintance {
  readonly history: Pick<SessionHistory, 'find'>;
  readonly seals: Seals;
}

/** Decrypts a vote with the secret of its poll, which must be remembered. */
export const openVote = async (
  raw: RawMessage,
  { history, seals, ...acquaintance }: AnswerOptions,
): Promise<OpenedVote> => {
  const { pollCreationMessageKey: pollKey, vote } = contentOf(raw).pollUpdateMessage ?? {};
  const stored = pollKey?.id ? await history.find(pollKey.id) : null;
  const poll = stored ? recall(stored) : null;
  const hashes = poll && vote ? await decrypted(vote, poll, raw, seals) : null;
  const names = poll && hashes ? optionsOf(poll, hashes) : null;
  const key = poll?.key ?? { ...pollKey, remoteJid: raw.key.remoteJid ?? null };
  const me = acquaintance.me();
  const others = await otherNamesOf(namedIn(raw.key, key), acquaintance);
  return {
    event: names ? 'poll.vote' : 'poll.vote.failed',
    payload: {
      vote: {
        ...destination(raw.key, me, others),
        selectedOptions: names ?? [],
        timestamp:
          numberOf(contentOf(raw).pollUpdateMessage?.senderTimestampMs) || numberOf(raw.messageTimestamp) * 1000,
      },
      poll: destination(key, me, others),
      _data: jsonSafe(raw),
    },
  };
};

/** Who wrote which message to whom. */
export const destination = (key: RawMessage['key'], me: MeInfo | null, others: OtherNames) => {
  const address = addressOf({ key }, me?.id, others);
  const { from, to, toIdentity, fromMe, participant, fromIdentity, participantIdentity } = address;
  const isOurs = fromMe && participant === undefined;
  const writer = isOurs ? identityOf(me?.id, others.get(me?.id ?? '')) : fromIdentity;
  return {
    id: messageIdOf(key, me?.id),
    from: isOurs ? (me?.id ?? from) : from,
    ...(writer ? { fromIdentity: writer } : {}),
    to,
    ...(toIdentity ? { toIdentity } : {}),
    fromMe,
    ...(participant ? { participant } : {}),
    ...(participantIdentity ? { participantIdentity } : {}),
  };
};

/** The people in keys. */
export const namedIn = (...keys: readonly RawMessage['key'][]): (string | null | undefined)[] =>
  keys.flatMap(({ remoteJid, participant }) => [remoteJid, participant]);

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
