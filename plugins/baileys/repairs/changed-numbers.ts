import { type WAMessage as RawMessage, WAMessageStubType } from '@whiskeysockets/baileys';
import type { BaileysSocket } from '../socket/socket.ts';

const { GROUP_PARTICIPANT_CHANGE_NUMBER } = WAMessageStubType;

/**
 * Baileys tells of members as JSON and reads them as such, but writes down a bare address when a member changed the number, and
 * raises when it reads that. Baileys hands the message out before it reads it: there the address becomes JSON.
 */
export const readableNumbers = ({ ev }: Pick<BaileysSocket, 'ev'>): void => {
  const emit: typeof ev.emit = ev.emit.bind(ev);
  ev.emit = (event, data) => {
    if (event === 'messages.upsert') for (const raw of (data as { messages: RawMessage[] }).messages) mend(raw);
    return emit(event, data);
  };
};

const mend = (raw: RawMessage): void => {
  if (raw.messageStubType !== GROUP_PARTICIPANT_CHANGE_NUMBER) return;
  raw.messageStubParameters = raw.messageStubParameters?.map((member: string) =>
    member.startsWith('{') ? member : JSON.stringify({ id: member }),
  );
};
