import type { SandboxContact } from '../api/shapes.ts';
import { Empty, Panel } from '../parts/panel.tsx';
import { VirtualList } from '../parts/virtual-list.tsx';
import { PersonForm } from './sandbox-person-form.tsx';

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
          render={(contact) => (
            <ContactRow contact={contact} isChosen={contact.number === chosen} onChoose={onChoose} />
          )}
        />
      )}
      <PersonForm
        path="api/sandbox/contacts"
        next={String(next)}
        numberLabel="Number of the contact"
        nameLabel="Name of the contact"
        button="Contact"
        done="The contact is there"
        onAdded={(number) => {
          onChanged();
          onChoose(number);
        }}
      />
    </Panel>
  );
}

interface ContactRowProps {
  readonly contact: SandboxContact;
  readonly isChosen: boolean;
  readonly onChoose: (number: string) => void;
}

function ContactRow({ contact: { number, name, messages }, isChosen, onChoose }: ContactRowProps) {
  return (
    <button type="button" class="row-button contact-row" aria-pressed={isChosen} onClick={() => onChoose(number)}>
      <strong>{name}</strong>
      <span class="muted">+{number}</span>
      <span class="muted">{messages} received</span>
    </button>
  );
}
