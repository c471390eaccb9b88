import { useEffect, useState } from 'preact/hooks';
import { ApiError, pathOf, post } from '../api/client.ts';
import type { Session } from '../api/shapes.ts';

/** How often the code is asked for again (ms): the answer is the live one, or a new one once that has expired. */
const every = 10_000;
/** How long codes are renewed by themselves (ms): WhatsApp locks accounts out that ask too often. */
const renewsFor = 540_000;

/** A code to type into the phone instead of scanning. It is renewed when it expires. */
export function PairingCode({ session: { name, status } }: { readonly session: Session }) {
  const [number, setNumber] = useState('');
  const [asked, setAsked] = useState<string | null>(null);
  const { code, fault, busy } = useCode(name, asked, () => setAsked(null));
  const submit = (event: Event) => {
    event.preventDefault();
    setAsked(number);
  };
  return (
    <form class="pairing" onSubmit={submit}>
      <label>
        Phone number, with the country code
        <input
          type="tel"
          required
          autocomplete="tel"
          placeholder="+55 11 99999-0001"
          value={number}
          onInput={({ currentTarget }) => {
            setNumber(currentTarget.value);
            setAsked(null);
          }}
        />
      </label>
      <button type="submit" aria-busy={busy} disabled={busy || status !== 'SCAN_QR_CODE'}>
        Get a code
      </button>
      <div aria-live="polite">
        {code && (
          <output class="pairing-code" aria-label="Pairing code">
            {code}
          </output>
        )}
        {code && <p class="muted">On the phone: Linked devices, Link a device, Link with phone number instead.</p>}
        {fault && <p class="fault">{fault}</p>}
      </div>
    </form>
  );
}

interface Code {
  readonly code: string | null;
  readonly fault: string | null;
  readonly busy: boolean;
}
const nothing: Code = { code: null, fault: null, busy: false };

const useCode = (name: string, phoneNumber: string | null, stop: () => void): Code => {
  const [state, setState] = useState<Code>(nothing);
  useEffect(() => {
    if (phoneNumber === null) return setState((before) => ({ ...nothing, fault: before.fault }));
    let over = false;
    const until = Date.now() + renewsFor;
    setState({ ...nothing, busy: true });
    const ask = async () => {
      try {
        const { code } = await post<{ code: string }>(`api/${pathOf(name)}/auth/request-code`, { phoneNumber });
        if (!over) setState({ code, fault: null, busy: false });
      } catch (error) {
        if (over) return;
        // Asked too often: the next round finds the live code, or may ask.
        if (error instanceof ApiError && error.status === 429) return;
        setState({ ...nothing, fault: error instanceof Error ? error.message : String(error) });
        stop();
      }
    };
    void ask();
    const timer = setInterval(() => {
      if (Date.now() > until) stop();
      else if (!document.hidden) void ask();
    }, every);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [name, phoneNumber]);
  return state;
};
