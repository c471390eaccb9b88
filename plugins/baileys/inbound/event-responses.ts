import { decryptEventResponse, proto, type WAMessage as RawMessage } from '@whiskeysockets/baileys';
import type { MeInfo } from 'waha-runtime';
import type { EventResponsePayload } from 'waha-runtime/engine';
import { isMe } from '../credentials/me.ts';
import { otherNamesOf } from '../identity/other-names.ts';
import { jsonSafe, numberOf } from '../json-safe.ts';
import { contentOf } from '../messages/content.ts';
import { messageIdOf } from '../messages/ids.ts';
import { addressOf } from '../messages/payload.ts';
import { recall } from '../messages/stored-message.ts';
import { type AnswerOptions, destination, namedIn } from './poll-votes.ts';

/** Whether somebody comes, as an event carries it. */
export interface OpenedResponse {
  /** `event.response.failed`: the invitation is not known, or the answer cannot be decrypted. */
  readonly event: 'event.response' | 'event.response.failed';
  readonly payload: EventResponsePayload;
}

const { EventResponseType } = proto.Message.EventResponseMessage;

/** Decrypts the answer to an invitation with the invitation's secret, which must be remembered. */
export const openResponse = async (
  raw: RawMessage,
  { history, seals, ...acquaintance }: AnswerOptions,
): Promise<OpenedResponse> => {
  const sealed = contentOf(raw).encEventResponseMessage;
  const key = sealed?.eventCreationMessageKey;
  const stored = key?.id ? await history.find(key.id) : null;
  const invitation = stored && recall(stored);
  const opened =
    invitation && sealed
      ? await seals.open(invitation, raw, ({ id, secret, creator, author }) =>
          decryptEventResponse(sealed, {
            ...{ eventMsgId: id, eventEncKey: secret },
            ...{ eventCreatorJid: creator, responderJid: author },
          }),
        )
      : null;
  const me = acquaintance.me();
  const about = invitation?.key ?? asSeenHere(key ?? {}, raw, me);
  const others = await otherNamesOf(namedIn(raw.key, about), acquaintance);
  return {
    event: opened ? 'event.response' : 'event.response.failed',
    payload: {
      id: messageIdOf(raw.key, me?.id),
      timestamp: numberOf(raw.messageTimestamp),
      ...addressOf(raw, me?.id, others),
      source: 'app',
      eventCreationKey: destination(about, me, others),
      ...(opened ? { eventResponse: responseOf(opened) } : {}),
      _data: jsonSafe(raw),
    },
  };
};

/** The key of an invitation that is not known: who answers writes it from where they stand. */
export const asSeenHere = (key: proto.IMessageKey, raw: RawMessage, me: MeInfo | null): RawMessage['key'] => {
  const isOurs = isMe(
    key.participant || key.remoteJid,
    me && { id: me.jid ?? me.id, ...(me.lid ? { lid: me.lid } : {}) },
  );
  const fromMe = raw.key.fromMe ? key.fromMe === true : !key.fromMe && isOurs;
  return { ...key, fromMe, remoteJid: raw.key.remoteJid ?? null };
};

const responseOf = ({ response, timestampMs, extraGuestCount }: proto.Message.IEventResponseMessage) => ({
  response: (EventResponseType[response ?? 0] ?? 'UNKNOWN') as keyof typeof EventResponseType,
  timestampMs: numberOf(timestampMs),
  extraGuestCount: extraGuestCount ?? 0,
});
