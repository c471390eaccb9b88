import { useCallback, useEffect, useState } from 'preact/hooks';
import { get, pathOf, withQuery } from '../api/client.ts';
import type { ChatSummary, Frame, Message } from '../api/shapes.ts';
import { onEvents, onGap } from './connection.ts';

const pageSize = 60;

/** The chat that a message is in. */
export const chatOf = ({ fromMe, from, to }: Message): string => (fromMe ? (to ?? from) : from);

/** Whether a message is in this chat, by either of the other side's ids. */
export const isIn = (chatId: string, message: Message): boolean =>
  chatOf(message) === chatId || message.fromAlt === chatId;

export interface Chats {
  readonly chats: readonly ChatSummary[] | null;
  readonly error: Error | null;
  readonly hasMore: boolean;
  readonly more: () => void;
  readonly markRead: (chatId: string) => void;
}

const timeOf = ({ lastMessage }: ChatSummary): number => lastMessage?.timestamp ?? 0;

const withUnread = (chat: ChatSummary, unreadCount: number): ChatSummary => ({
  ...chat,
  _chat: { ...chat._chat, unreadCount },
});

/** The list after a message came: its chat is the first one. */
const afterMessage = (chats: readonly ChatSummary[], message: Message): readonly ChatSummary[] => {
  const known = chats.find(({ id }) => isIn(id, message)) ?? { id: chatOf(message), name: null, lastMessage: null };
  if (message.timestamp < timeOf(known)) return chats;
  const isNew = known.lastMessage?.id !== message.id;
  const unread = message.fromMe ? 0 : (known._chat?.unreadCount ?? 0) + (isNew ? 1 : 0);
  return [{ ...withUnread(known, unread), lastMessage: message }, ...chats.filter((chat) => chat !== known)];
};

const afterFrames = (
  chats: readonly ChatSummary[],
  session: string,
  frames: readonly Frame[],
): readonly ChatSummary[] =>
  frames
    .filter((frame) => frame.event === 'message.any' && frame.session === session)
    .reduce((list, { payload }) => afterMessage(list, payload as unknown as Message), chats);

/** Reads the list of a session's chats, and keeps it as it is. */
export const useChats = (session: string): Chats => {
  const [chats, setChats] = useState<readonly ChatSummary[] | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [hasMore, setHasMore] = useState(false);
  const read = useCallback(
    async (before: readonly ChatSummary[]) => {
      const query = { limit: pageSize, offset: before.length };
      try {
        const page = await get<ChatSummary[]>(withQuery(`api/${pathOf(session)}/chats/overview`, query));
        const known = new Set(before.map(({ id }) => id));
        setChats([...before, ...page.filter(({ id }) => !known.has(id))]);
        setHasMore(page.length === pageSize);
        setError(null);
      } catch (fault) {
        setError(fault as Error);
      }
    },
    [session],
  );
  useEffect(() => {
    setChats(null);
    void read([]);
    const stops = [
      onEvents((frames) => setChats((list) => list && afterFrames(list, session, frames))),
      onGap(() => void read([])),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [session]);
  const markRead = (chatId: string) =>
    setChats((list) => list?.map((chat) => (chat.id === chatId ? withUnread(chat, 0) : chat)) ?? null);
  return { chats, error, hasMore, more: () => void read(chats ?? []), markRead };
};
