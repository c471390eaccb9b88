import { Plus } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { post } from '../api/client.ts';
import type { SandboxContact } from '../api/shapes.ts';
import { Empty, Panel } from '../parts/panel.tsx';
import { attempt } from '../parts/toasts.tsx';
import { VirtualList } from '../parts/virtual-list.tsx';

interface ContactsProps {
  readonly contacts: readonly SandboxContact[] | undefined;
  readonly chosen: string | null;
  readonly onChoose: (number: string) => void;
  readonly onChanged: () => void;
}

const firstContact = 5_511_888_880_001;

export function Contacts({ contacts, chosen, onChoose, onChanged }: ContactsProps) {
  const known = new Set(contacts?.map(({ number }) => number));
  let next = firstContact;
  while (known.has(String(next))) next++;
  return (
    <Panel title="Contacts">
      {contacts?.length === 0 && <Empty title="No contacts yet">Add one, and write as that person.</Empty>}
      {contacts && contacts.length > 0 && (
        <VirtualList
          class="contacts"
          label="Contacts"
          items={contacts}
          keyOf={({ number }) => number}
          rowHeight={48}
          render={({ number, name, messages }) => (
            <button
              type="button"
              class="row-button contact-row"
              aria-pressed={number === chosen}
              onClick={() => onChoose(number)}
            >
              <strong>{name}</strong>
              <span class="muted">+{number}</span>
              <span class="muted">{messages} received</span>
            </button>
          )}
        />
      )}
      <NewContact
        next={String(next)}
        onAdded={(number) => {
          onChanged();
          onChoose(number);
        }}
      />
    </Panel>
  );
}

interface NewContactProps {
  readonly next: string;
  readonly onAdded: (number: string) => void;
}

function NewContact({ next, onAdded }: NewContactProps) {
  const [number, setNumber] = useState('');
  const [name, setName] = useState('');
  const add = async (event: Event) => {
    event.preventDefault();
    const body = { number: number || next, ...(name ? { name } : {}) };
    if (!(await attempt(() => post('api/sandbox/contacts', body), 'The contact is there'))) return;
    setNumber('');
    setName('');
    onAdded(body.number);
  };
  return (
    <form class="inline-form" onSubmit={add}>
      <input
        aria-label="Number of the contact"
        inputMode="numeric"
        pattern="[0-9]{7,15}"
        placeholder={next}
        value={number}
        onInput={({ currentTarget }) => setNumber(currentTarget.value)}
      />
      <input
        aria-label="Name of the contact"
        placeholder="Name"
        value={name}
        onInput={({ currentTarget }) => setName(currentTarget.value)}
      />
      <button type="submit" class="secondary">
        <Plus size={16} aria-hidden="true" /> Contact
      </button>
    </form>
  );
}
