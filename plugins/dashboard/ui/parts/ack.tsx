import { Check, CheckCheck, CircleAlert, Clock } from 'lucide-preact';

const words: Readonly<Record<number, string>> = {
  [-1]: 'not sent',
  0: 'waiting',
  1: 'sent',
  2: 'delivered',
  3: 'read',
  4: 'played',
};

const iconOf = (ack: number) => {
  if (ack < 0) return CircleAlert;
  if (ack === 0) return Clock;
  return ack === 1 ? Check : CheckCheck;
};

/** How far a message of one's own got. */
export function Ack({ ack }: { readonly ack: number }) {
  const Icon = iconOf(ack);
  const word = words[ack] ?? String(ack);
  return (
    <span class={`ack ack-${ack < 0 ? 'error' : ack}`} title={word}>
      <Icon size={14} aria-hidden="true" />
      <span class="sr-only">{word}</span>
    </span>
  );
}
