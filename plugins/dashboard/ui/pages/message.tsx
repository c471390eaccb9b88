import { MapPin, Reply } from 'lucide-preact';
import type { Message } from '../api/shapes.ts';
import { fullTime, minuteTime } from '../live/clock.ts';
import type { Entry } from '../live/conversation.ts';
import { Ack } from '../parts/ack.tsx';
import { isGroup, numberOf } from '../parts/numbers.ts';
import { MediaView } from './media.tsx';

interface BubbleProps {
  readonly entry: Entry;
  readonly session: string;
  readonly chatId: string;
  readonly onReply: (message: Message) => void;
}

export function Bubble({ entry, session, chatId, onReply }: BubbleProps) {
  const { fromMe, body, timestamp, ack, hasMedia, revoked, edited, participant, replyTo } = entry;
  const time = timestamp * 1_000;
  return (
    <div class={`bubble ${fromMe ? 'mine' : 'theirs'} ${revoked ? 'revoked' : ''}`}>
      {isGroup(chatId) && !fromMe && participant && <span class="author">{numberOf(participant)}</span>}
      {replyTo && <blockquote>{replyTo.body || 'A message'}</blockquote>}
      {hasMedia && !revoked && <MediaView entry={entry} session={session} chatId={chatId} />}
      <Content entry={entry} />
      {!body && !hasMedia && !entry.location && !entry.vCards && !revoked && (
        <em class="muted">A message of another kind</em>
      )}
      <span class="bubble-foot">
        <button type="button" class="reply" aria-label="Reply" title="Reply" onClick={() => onReply(entry)}>
          <Reply size={14} aria-hidden="true" />
        </button>
        {edited && <span>edited</span>}
        <time title={fullTime(time)}>{minuteTime(time)}</time>
        {fromMe && <Ack ack={ack} />}
      </span>
      <Reactions entry={entry} />
    </div>
  );
}

function Content({ entry: { body, revoked, location, vCards } }: { readonly entry: Entry }) {
  if (revoked) return <em>Deleted by its sender</em>;
  return (
    <>
      {body && <p class="body">{body}</p>}
      {location && (
        <p class="body">
          <MapPin size={14} aria-hidden="true" /> {location.latitude}, {location.longitude}
        </p>
      )}
      {vCards?.map((card) => (
        <p key={card} class="body">
          {/^FN:(.*)$/m.exec(card)?.[1] ?? 'A contact'}
        </p>
      ))}
    </>
  );
}

function Reactions({ entry: { reactions } }: { readonly entry: Entry }) {
  const given = Object.entries(reactions ?? {}).filter(([, text]) => text);
  if (given.length === 0) return null;
  return (
    <span class="reactions">
      {given.map(([who, text]) => (
        <span key={who} title={numberOf(who)}>
          {text}
        </span>
      ))}
    </span>
  );
}
