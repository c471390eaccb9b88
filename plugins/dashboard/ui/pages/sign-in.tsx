import { useEffect, useState } from 'preact/hooks';
import { opens } from '../api/client.ts';
import { signIn } from '../api/key.ts';

const hint = 'The one in the YAML or WAHA_API_KEY; else it was printed once at the first start. It stays in this tab.';

/** Asks for the key. A server that wants none is entered at once. */
export function SignIn() {
  const [text, setText] = useState('');
  const { fault, busy, enter } = useEntry();
  const submit = (event: Event) => {
    event.preventDefault();
    void enter(text.trim());
  };
  return (
    <main class="sign-in">
      <form onSubmit={submit}>
        <img src="./icon.svg" alt="" width={48} height={48} />
        <h1>waha-runtime</h1>
        <label>
          API key
          <input
            type="password"
            name="key"
            autocomplete="current-password"
            required
            value={text}
            aria-invalid={fault ? true : undefined}
            aria-describedby="sign-in-hint"
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
        </label>
        <small id="sign-in-hint" role={fault ? 'alert' : undefined} class={fault ? 'fault' : 'muted'}>
          {fault ?? hint}
        </small>
        <button type="submit" aria-busy={busy} disabled={busy}>
          Sign in
        </button>
      </form>
    </main>
  );
}

const useEntry = () => {
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    opens(null).then(
      (open) => open && signIn(''),
      () => undefined,
    );
  }, []);
  const enter = async (key: string) => {
    setBusy(true);
    setFault(null);
    try {
      if (await opens(key)) return signIn(key);
      setFault('The server does not take this key.');
    } catch {
      setFault('The server cannot be reached.');
    }
    setBusy(false);
  };
  return { fault, busy, enter };
};
