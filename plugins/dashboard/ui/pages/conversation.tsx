import { ArrowLeft, CheckCheck } from 'lucide-preact';
import { useMemo, useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { pathOf, post } from '../api/client.ts';
import type { Message } from '../api/shapes.ts';
import { dayOf } from '../live/clock.ts';
import { type Entry, useConversation } from '../live/conversation.ts';
import { numberOf } from '../parts/numbers.ts';
import { Empty } from '../parts/panel.tsx';
import { attempt } from '../parts/toasts.tsx';
import { VirtualList } from '../parts/virtual-list.tsx';
import { Composer } from './composer.tsx';
import { Bubble } from './message.tsx';

interface ConversationViewProps {
  readonly session: string;
  readonly chatId: string;
  readonly name: string | null;
  readonly onRead: () => void;
}

export function ConversationView({ session, chatId, name, onRead }: ConversationViewProps) {
  const { entries, isRead, error, hasOlder, older, add } = useConversation(session, chatId);
  const [replyTo, setReplyTo] = useState<Message | null>(null);
  const markRead = async () => {
    const path = `api/${pathOf(session)}/chats/${pathOf(chatId)}/messages/read`;
    if (await attempt(() => post(path), 'Marked as read')) onRead();
  };
  return (
    <>
      <header class="conversation-head">
        <Link href={`/chats/${encodeURIComponent(session)}`} class="icon-button back" aria-label="All chats">
          <ArrowLeft size={18} aria-hidden="true" />
        </Link>
        <div>
          <h2>{name ?? numberOf(chatId)}</h2>
          <span class="muted">{chatId}</span>
        </div>
        <button type="button" class="icon-button" aria-label="Mark as read" title="Mark as read" onClick={markRead}>
          <CheckCheck size={18} aria-hidden="true" />
        </button>
      </header>
      {error && <p class="fault">{error.message}</p>}
      {hasOlder && (
        <button type="button" class="secondary outline more" onClick={older}>
          Older messages
        </button>
      )}
      <Messages entries={entries} isRead={isRead} session={session} chatId={chatId} onReply={setReplyTo} />
      <Composer
        session={session}
        chatId={chatId}
        replyTo={replyTo}
        onCancelReply={() => setReplyTo(null)}
        onSent={add}
      />
    </>
  );
}

interface MessagesProps {
  readonly entries: readonly Entry[];
  readonly isRead: boolean;
  readonly session: string;
  readonly chatId: string;
  readonly onReply: (message: Message) => void;
}

/** The row begins a day that the one before was not on. */
interface Row {
  readonly entry: Entry;
  readonly day: string | null;
}

const rowsOf = (entries: readonly Entry[]): readonly Row[] =>
  entries.map((entry, index) => {
    const day = dayOf(entry.timestamp * 1_000);
    const before = entries[index - 1];
    return { entry, day: before && dayOf(before.timestamp * 1_000) === day ? null : day };
  });

function Messages({ entries, isRead, session, chatId, onReply }: MessagesProps) {
  const rows = useMemo(() => rowsOf(entries), [entries]);
  if (!isRead) {
    return (
      <p class="messages" aria-busy="true">
        Reading the messages
      </p>
    );
  }
  if (rows.length === 0) return <Empty title="No messages yet" />;
  return (
    <VirtualList
      class="messages"
      label="Messages"
      measured
      atEnd
      items={rows}
      keyOf={({ entry }) => entry.id}
      rowHeight={60}
      render={({ entry, day }) => (
        <>
          {day && <p class="day">{day}</p>}
          <Bubble entry={entry} session={session} chatId={chatId} onReply={onReply} />
        </>
      )}
    />
  );
}
