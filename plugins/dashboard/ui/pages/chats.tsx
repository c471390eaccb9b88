import { useEffect } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import { pathOf, put } from '../api/client.ts';
import type { Session } from '../api/shapes.ts';
import { useChats } from '../live/chat-list.ts';
import { readSessions, sessionNamed, sessions } from '../live/sessions.ts';
import { Empty, Page } from '../parts/panel.tsx';
import { StatusBadge } from '../parts/status.tsx';
import { attempt } from '../parts/toasts.tsx';
import { ChatList } from './chat-list.tsx';
import { ConversationView } from './conversation.tsx';

interface ChatsPageProps {
  readonly session: string | undefined;
  readonly chat: string | undefined;
}

export function ChatsPage({ session, chat }: ChatsPageProps) {
  const [, go] = useLocation();
  const list = sessions.value;
  const first = list?.find(({ status }) => status === 'WORKING') ?? list?.[0];
  useEffect(() => {
    if (!session && first) go(`/chats/${encodeURIComponent(first.name)}`, { replace: true });
  }, [session, first?.name]);
  const shown = session ? sessionNamed(session) : undefined;
  return (
    <Page full title="Chats" actions={<SessionChoice chosen={session} />}>
      {list?.length === 0 && (
        <Empty title="No sessions yet">
          <Link href="/sessions">Create one</Link>
        </Empty>
      )}
      {shown && <Chats key={shown.name} session={shown} chat={chat} />}
    </Page>
  );
}

function SessionChoice({ chosen }: { readonly chosen: string | undefined }) {
  const [, go] = useLocation();
  const session = chosen ? sessionNamed(chosen) : undefined;
  return (
    <>
      {session && <StatusBadge status={session.status} />}
      <select
        aria-label="Session"
        value={chosen ?? ''}
        onChange={({ currentTarget }) => go(`/chats/${encodeURIComponent(currentTarget.value)}`)}
      >
        {sessions.value?.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </>
  );
}

const keepsChats = ({ config }: Session): boolean =>
  (config['noweb'] as { store?: { enabled?: boolean } } | undefined)?.store?.enabled === true;

function Chats({ session, chat }: { readonly session: Session; readonly chat: string | undefined }) {
  const chats = useChats(session.name);
  return (
    <div class={`chats ${chat ? 'has-chat' : ''}`}>
      <aside aria-label="Chats">
        {!keepsChats(session) && <NoStore session={session} />}
        <ChatList session={session.name} chats={chats} chosen={chat} />
      </aside>
      <section class="conversation" aria-label="Conversation">
        {chat ? (
          <ConversationView
            key={chat}
            session={session.name}
            chatId={chat}
            name={chats.chats?.find(({ id }) => id === chat)?.name ?? null}
            onRead={() => chats.markRead(chat)}
          />
        ) : (
          <Empty title="Choose a chat">Messages appear here as they come.</Empty>
        )}
      </section>
    </div>
  );
}

/** Without a store the server remembers no chats: say so, and offer it. */
function NoStore({ session: { name, config } }: { readonly session: Session }) {
  const enable = () =>
    attempt(async () => {
      const noweb = { ...(config['noweb'] as object | undefined), store: { enabled: true } };
      await put(`api/sessions/${pathOf(name)}`, { config: { ...config, noweb } });
      await readSessions();
    }, 'Chats are kept from now on');
  return (
    <div class="note">
      <p>This session keeps no chats; only what comes while this page is open is shown.</p>
      <button type="button" class="secondary outline" onClick={enable}>
        Keep chats (restarts the session)
      </button>
    </div>
  );
}
