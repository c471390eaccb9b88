import { useEffect, useReducer, useRef, useState } from 'preact/hooks';
import { get, pathOf, withQuery } from '../api/client.ts';
import type { Frame, Message } from '../api/shapes.ts';
import { isIn } from './chat-list.ts';
import { onEvents, onGap } from './connection.ts';

const pageSize = 50;
/** So many messages of a chat are kept in the page. */
const maxKept = 2_000;

/** A message with what happened to it since. */
export interface Entry extends Message {
  readonly reactions?: Readonly<Record<string, string>>;
  readonly revoked?: boolean;
  readonly edited?: boolean;
}

export type Change =
  | { readonly kind: 'reset' }
  | { readonly kind: 'messages'; readonly messages: readonly Message[] }
  | { readonly kind: 'frames'; readonly frames: readonly Frame[] };

const inOrder = (one: Entry, other: Entry): number => one.timestamp - other.timestamp;

const merged = (entries: readonly Entry[], messages: readonly Message[]): readonly Entry[] => {
  const all = new Map(entries.map((entry) => [entry.id, entry]));
  for (const message of messages) {
    const known = all.get(message.id);
    // An answer that was long under way knows less than the events that came meanwhile.
    const ack = Math.max(message.ack, known?.ack ?? message.ack);
    all.set(message.id, { ...known, ...message, ack });
  }
  return [...all.values()].sort(inOrder).slice(-maxKept);
};

/** The hex at the end: the part of a message's id that all events about it share. */
const stanzaOf = (id: string): string => id.split('_')[2] ?? id;

const amended = (entries: readonly Entry[], id: unknown, change: (entry: Entry) => Entry): readonly Entry[] => {
  const stanza = stanzaOf(String(id));
  return entries.map((entry) => (stanzaOf(entry.id) === stanza ? change(entry) : entry));
};

const afterFrame = (entries: readonly Entry[], { event, payload }: Frame): readonly Entry[] => {
  switch (event) {
    case 'message.any':
      return merged(entries, [payload as unknown as Message]);
    case 'message.ack': {
      const ack = Number(payload['ack']);
      return amended(entries, payload['id'], (entry) => ({ ...entry, ack: ack < 0 ? ack : Math.max(ack, entry.ack) }));
    }
    case 'message.edited':
      return amended(entries, payload['editedMessageId'], (entry) => ({
        ...entry,
        body: String(payload['body'] ?? ''),
        edited: true,
      }));
    case 'message.revoked':
      return amended(entries, payload['revokedMessageId'], (entry) => ({ ...entry, revoked: true }));
    case 'message.reaction': {
      const { text, messageId } = payload['reaction'] as { text: string; messageId: string };
      const who = String(payload['participant'] ?? payload['from']);
      return amended(entries, messageId, (entry) => ({ ...entry, reactions: { ...entry.reactions, [who]: text } }));
    }
    default:
      return entries;
  }
};

const changed = (entries: readonly Entry[], change: Change): readonly Entry[] => {
  if (change.kind === 'reset') return [];
  if (change.kind === 'messages') return merged(entries, change.messages);
  return change.frames.reduce(afterFrame, entries);
};

/** A message of another chat concerns another view. What is about a message finds it by its id. */
const concerns = (frame: Frame, session: string, chatId: string): boolean =>
  frame.session === session &&
  frame.event.startsWith('message.') &&
  (frame.event !== 'message.any' || isIn(chatId, frame.payload as unknown as Message));

export interface Conversation {
  readonly entries: readonly Entry[];
  readonly isRead: boolean;
  readonly error: Error | null;
  readonly hasOlder: boolean;
  readonly older: () => void;
  readonly add: (message: Message) => void;
}

/** Reads the messages of a chat, and keeps them as they are. */
export const useConversation = (session: string, chatId: string): Conversation => {
  const [entries, change] = useReducer(changed, []);
  const [state, setState] = useState<{ isRead: boolean; error: Error | null }>({ isRead: false, error: null });
  const [hasOlder, setHasOlder] = useState(false);
  const wanted = useRef('');
  wanted.current = `${session} ${chatId}`;
  const read = async (offset: number) => {
    const asked = `${session} ${chatId}`;
    const path = `api/${pathOf(session)}/chats/${pathOf(chatId)}/messages`;
    try {
      const page = await get<Message[]>(
        withQuery(path, { limit: pageSize, offset, sortOrder: 'desc', downloadMedia: false }),
      );
      if (wanted.current !== asked) return;
      change({ kind: 'messages', messages: page });
      setHasOlder(page.length === pageSize);
      setState({ isRead: true, error: null });
    } catch (error) {
      if (wanted.current === asked) setState({ isRead: true, error: error as Error });
    }
  };
  useEffect(() => {
    change({ kind: 'reset' });
    setState({ isRead: false, error: null });
    void read(0);
    const take = (frames: readonly Frame[]) => {
      const ours = frames.filter((frame) => concerns(frame, session, chatId));
      if (ours.length > 0) change({ kind: 'frames', frames: ours });
    };
    const stops = [onEvents(take), onGap(() => void read(0))];
    return () => {
      for (const stop of stops) stop();
    };
  }, [session, chatId]);
  const add = (message: Message) => change({ kind: 'messages', messages: [message] });
  return { entries, ...state, hasOlder, older: () => void read(entries.length), add };
};
