import { useState } from 'preact/hooks';
import { get } from '../api/client.ts';
import type { SandboxContact } from '../api/shapes.ts';
import { useLoaded } from '../parts/loading.ts';
import { Page } from '../parts/panel.tsx';
import { Contacts } from './sandbox-contacts.tsx';
import { Phones } from './sandbox-phones.tsx';
import { Talk } from './sandbox-talk.tsx';

const every = 4_000;

/** WhatsApp's side, played on this machine: its phones, its contacts, and what they say. */
export function SandboxPage() {
  const contacts = useLoaded((signal) => get<readonly SandboxContact[]>('api/sandbox/contacts', signal), [], every);
  const [chosen, setChosen] = useState<string | null>(null);
  return (
    <Page title="Sandbox">
      <p class="muted">
        No message leaves this machine: WhatsApp's side is played here, with phones and contacts of its own.
      </p>
      <div class="grid-panels">
        <Phones />
        <Contacts contacts={contacts.value} chosen={chosen} onChoose={setChosen} onChanged={contacts.reload} />
        {chosen && (
          <Talk key={chosen} contact={chosen} name={contacts.value?.find(({ number }) => number === chosen)?.name} />
        )}
      </div>
    </Page>
  );
}
