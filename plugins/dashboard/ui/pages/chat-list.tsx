import { SquarePen } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import type { ChatSummary, Message } from '../api/shapes.ts';
import type { Chats } from '../live/chat-list.ts';
import { shortly } from '../live/clock.ts';
import { Ack } from '../parts/ack.tsx';
import { chatIdOf, numberOf } from '../parts/numbers.ts';
import { Empty } from '../parts/panel.tsx';
import { VirtualList } from '../parts/virtual-list.tsx';

interface ChatListProps {
  readonly session: string;
  readonly chats: Chats;
  readonly chosen: string | undefined;
}

export const chatPath = (session: string, chat: string): string =>
  `/chats/${encodeURIComponent(session)}/${encodeURIComponent(chat)}`;

export function ChatList({ session, chats: { chats, error, hasMore, more }, chosen }: ChatListProps) {
  const [text, setText] = useState('');
  const wanted = text.toLowerCase();
  const shown = chats?.filter(({ id, name }) => `${name ?? ''} ${id}`.toLowerCase().includes(wanted)) ?? [];
  return (
    <>
      <NewChat session={session} text={text} onText={setText} />
      {error && <p class="fault">{error.message}</p>}
      {!chats && !error && <p aria-busy="true">Reading the chats</p>}
      {chats?.length === 0 && <Empty title="No chats yet">Write to a number, or wait for somebody to write.</Empty>}
      {shown.length > 0 && (
        <VirtualList
          label="Chats"
          items={shown}
          keyOf={({ id }) => id}
          rowHeight={64}
          render={(chat) => <ChatRow session={session} chat={chat} isChosen={chat.id === chosen} />}
        />
      )}
      {hasMore && (
        <button type="button" class="secondary outline more" onClick={more}>
          Older chats
        </button>
      )}
    </>
  );
}

interface NewChatProps {
  readonly session: string;
  readonly text: string;
  readonly onText: (text: string) => void;
}

/** Finds a chat; a number opens one. */
function NewChat({ session, text, onText }: NewChatProps) {
  const [, go] = useLocation();
  const isAddress = /@/.test(text) || text.replace(/\D/g, '').length >= 7;
  const open = (event: Event) => {
    event.preventDefault();
    if (!isAddress) return;
    go(chatPath(session, chatIdOf(text)));
    onText('');
  };
  return (
    <form class="find-chat" onSubmit={open}>
      <input
        type="search"
        placeholder="Find a chat, or type a number"
        aria-label="Find a chat, or type a number to write to"
        value={text}
        onInput={({ currentTarget }) => onText(currentTarget.value)}
      />
      <button
        type="submit"
        class="icon-button"
        aria-label="Write to this number"
        title="Write to this number"
        disabled={!isAddress}
      >
        <SquarePen size={18} aria-hidden="true" />
      </button>
    </form>
  );
}

interface ChatRowProps {
  readonly session: string;
  readonly chat: ChatSummary;
  readonly isChosen: boolean;
}

function ChatRow({ session, chat, isChosen }: ChatRowProps) {
  const { id, name, lastMessage } = chat;
  const unread = chat._chat?.unreadCount ?? 0;
  return (
    <Link href={chatPath(session, id)} class="chat-row" aria-current={isChosen ? 'true' : undefined}>
      <span class="avatar" aria-hidden="true">
        {(name ?? numberOf(id)).replace(/^\+/, '').slice(0, 2)}
      </span>
      <span class="chat-head">
        <strong>{name ?? numberOf(id)}</strong>
        {lastMessage && <time class="muted">{shortly(lastMessage.timestamp * 1_000)}</time>}
      </span>
      <span class="chat-last">
        {lastMessage && <Preview message={lastMessage} />}
        {unread > 0 && (
          <span class="unread">
            {unread}
            <span class="sr-only"> unread</span>
          </span>
        )}
      </span>
    </Link>
  );
}

function Preview({ message }: { readonly message: Message }) {
  return (
    <span class="preview">
      {message.fromMe && <Ack ack={message.ack} />} {message.body || (message.hasMedia ? 'A file' : '—')}
    </span>
  );
}
