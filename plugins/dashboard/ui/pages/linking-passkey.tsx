import { useState } from 'preact/hooks';
import { get, pathOf, post } from '../api/client.ts';
import type { Session } from '../api/shapes.ts';
import { Json } from '../parts/json.tsx';
import { useLoaded } from '../parts/loading.ts';
import { Panel } from '../parts/panel.tsx';
import { attempt, sayFailed } from '../parts/toasts.tsx';

/** WhatsApp asks for a passkey, or shows a code to compare. */
export function Passkey({ session }: { readonly session: Session }) {
  return session.status === 'PASSKEY_REQUIRED' ? <Challenge session={session} /> : <Confirmation session={session} />;
}

/**
 * The passkey belongs to WhatsApp's own site, so no page of ours can use it: the challenge goes out and the signed answer comes in as JSON.
 */
function Challenge({ session: { name } }: { readonly session: Session }) {
  const { value, error } = useLoaded((signal) => get(`api/${pathOf(name)}/auth/passkey/challenge`, signal), [name]);
  const [answer, setAnswer] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      const assertion: unknown = JSON.parse(answer);
      await attempt(() => post(`api/${pathOf(name)}/auth/passkey`, assertion), 'WhatsApp has the answer');
    } catch {
      sayFailed(new Error('the answer is not JSON'));
    }
  };
  return (
    <Panel title="Passkey" class="linking">
      <p>
        WhatsApp asks for the account's passkey. Sign this challenge where the passkey is, and paste the answer.{' '}
        <a href={`../passkey/?session=${pathOf(name)}`} target="_blank" rel="noopener">
          A page that helps
        </a>
      </p>
      {error && <p class="fault">{error.message}</p>}
      {value !== undefined && <Json value={value} label="Challenge" />}
      <form onSubmit={submit}>
        <textarea
          class="code"
          required
          rows={5}
          aria-label="Signed answer as JSON"
          value={answer}
          onInput={({ currentTarget }) => setAnswer(currentTarget.value)}
        />
        <button type="submit">Send the answer</button>
      </form>
    </Panel>
  );
}

function Confirmation({ session: { name } }: { readonly session: Session }) {
  const { value, error } = useLoaded(
    (signal) => get<{ code: string }>(`api/${pathOf(name)}/auth/passkey/confirmation`, signal),
    [name],
  );
  return (
    <Panel title="Passkey" class="linking">
      <p>Compare this code with the one on the phone.</p>
      {error && <p class="fault">{error.message}</p>}
      {value && <output class="pairing-code">{value.code}</output>}
      <button
        type="button"
        disabled={!value}
        onClick={() => attempt(() => post(`api/${pathOf(name)}/auth/passkey/confirm`))}
      >
        They are the same
      </button>
    </Panel>
  );
}
