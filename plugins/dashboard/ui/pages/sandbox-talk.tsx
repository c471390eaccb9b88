import { SendHorizontal } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { get, pathOf, post } from '../api/client.ts';
import type { SandboxMessage, SandboxPhone } from '../api/shapes.ts';
import { useLoaded } from '../parts/loading.ts';
import { Empty, Panel } from '../parts/panel.tsx';
import { attempt } from '../parts/toasts.tsx';

interface TalkProps {
  readonly contact: string;
  readonly name: string | undefined;
}

/** What was written as this contact in this tab: the sandbox keeps what a contact receives. */
const written = new Map<string, readonly { readonly after: number; readonly text: string; readonly id: string }[]>();

interface Line {
  readonly id: string;
  readonly text: string;
  readonly mine: boolean;
  readonly from: string;
}

/** Both sides in the order in which they were seen. */
const linesOf = (contact: string, received: readonly SandboxMessage[]): readonly Line[] => {
  const sent = written.get(contact) ?? [];
  const own = (after: number): readonly Line[] =>
    sent.filter((line) => line.after === after).map(({ id, text }) => ({ id, text, mine: true, from: contact }));
  const theirs = (message: SandboxMessage): Line => ({ ...message, text: message.text ?? 'Not a text', mine: false });
  return [...own(0), ...received.flatMap((message, index) => [theirs(message), ...own(index + 1)])];
};

/** A conversation from the contact's side. */
export function Talk({ contact, name }: TalkProps) {
  const path = `api/sandbox/contacts/${pathOf(contact)}/messages`;
  const received = useLoaded((signal) => get<readonly SandboxMessage[]>(path, signal), [contact], 1_500);
  const say = async (to: string, text: string) => {
    const { id } = await post<{ id: string }>(path, { to, text });
    const after = received.value?.length ?? 0;
    written.set(contact, [...(written.get(contact) ?? []), { after, text, id }]);
  };
  const lines = linesOf(contact, received.value ?? []);
  return (
    <Panel title={`As ${name ?? `+${contact}`}`} class="talk">
      {lines.length === 0 && <Empty title="Nothing said yet" />}
      <ol class="talk-lines" aria-label="What was said">
        {lines.map(({ id, text, mine, from }) => (
          <li key={id} class={`bubble ${mine ? 'mine' : 'theirs'}`}>
            {!mine && <span class="author">+{from}</span>}
            <p class="body">{text}</p>
          </li>
        ))}
      </ol>
      <Write onSay={say} />
    </Panel>
  );
}

function Write({ onSay }: { readonly onSay: (to: string, text: string) => Promise<void> }) {
  const phones = useLoaded((signal) => get<readonly SandboxPhone[]>('api/sandbox/phones', signal), [], 4_000);
  const [to, setTo] = useState('');
  const [text, setText] = useState('');
  const linked = phones.value?.filter(({ devices }) => devices.length > 0) ?? [];
  const receiver = to || linked[0]?.number;
  if (!receiver) return <p class="note">No phone is linked yet: let one scan the code of a session.</p>;
  const send = async (event: Event) => {
    event.preventDefault();
    if (await attempt(() => onSay(receiver, text))) setText('');
  };
  return (
    <form class="inline-form" onSubmit={send}>
      <select aria-label="To the phone" value={receiver} onChange={({ currentTarget }) => setTo(currentTarget.value)}>
        {linked.map((phone) => (
          <option key={phone.number} value={phone.number}>
            {phone.name}
          </option>
        ))}
      </select>
      <input
        required
        aria-label="What the contact writes"
        placeholder="Write as this contact"
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      <button type="submit" aria-label="Send as the contact" title="Send as the contact">
        <SendHorizontal size={18} aria-hidden="true" />
      </button>
    </form>
  );
}
