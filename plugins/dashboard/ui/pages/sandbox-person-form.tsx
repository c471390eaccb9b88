import { Plus } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { post } from '../api/client.ts';
import { attempt } from '../parts/toasts.tsx';

interface PersonFormProps {
  /** Where people of this kind are added. */
  readonly path: string;
  /** The number that is taken when none is typed. */
  readonly next: string;
  readonly numberLabel: string;
  readonly nameLabel: string;
  readonly button: string;
  /** What is said when somebody was added. */
  readonly done: string;
  readonly onAdded: (number: string) => void;
}

/** Adds somebody to the sandbox, by a number and a name that both may stay empty. */
export function PersonForm({ path, next, numberLabel, nameLabel, button, done, onAdded }: PersonFormProps) {
  const [number, setNumber] = useState('');
  const [name, setName] = useState('');
  const add = async (event: Event) => {
    event.preventDefault();
    const body = { number: number || next, ...(name ? { name } : {}) };
    if (!(await attempt(() => post(path, body), done))) return;
    setNumber('');
    setName('');
    onAdded(body.number);
  };
  return (
    <form class="inline-form" onSubmit={add}>
      <input
        aria-label={numberLabel}
        inputMode="numeric"
        pattern="[0-9]{7,15}"
        placeholder={next}
        value={number}
        onInput={({ currentTarget }) => setNumber(currentTarget.value)}
      />
      <input
        aria-label={nameLabel}
        placeholder="Name"
        value={name}
        onInput={({ currentTarget }) => setName(currentTarget.value)}
      />
      <button type="submit" class="secondary">
        <Plus size={16} aria-hidden="true" /> {button}
      </button>
    </form>
  );
}
