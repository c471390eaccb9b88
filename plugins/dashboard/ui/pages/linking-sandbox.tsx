import { ScanLine } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { get, pathOf, post } from '../api/client.ts';
import type { SandboxPhone } from '../api/shapes.ts';
import { useLoaded } from '../parts/loading.ts';
import { attempt } from '../parts/toasts.tsx';

const firstNumber = 5_511_999_990_001;

/** The first number of the sandbox's block that no linked phone has. */
export const freeNumber = (phones: readonly SandboxPhone[]): string => {
  const taken = new Set(phones.filter(({ devices }) => devices.length > 0).map(({ number }) => number));
  let number = firstNumber;
  while (taken.has(String(number))) number++;
  return String(number);
};

/** In the sandbox no phone is needed: a click scans the code. */
export function ScanInSandbox({ qr }: { readonly qr: string | null }) {
  const { value: phones } = useLoaded((signal) => get<readonly SandboxPhone[]>('api/sandbox/phones', signal), []);
  const [chosen, setChosen] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const number = chosen ?? freeNumber(phones ?? []);
  const scan = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    await attempt(
      () => post(`api/sandbox/phones/${pathOf(number)}/scan`, { qr }),
      `The phone ${number} scanned the code`,
    );
    setBusy(false);
  };
  return (
    <form class="sandbox-scan" onSubmit={scan}>
      <label>
        Sandbox phone
        <input
          list="sandbox-phones"
          inputMode="numeric"
          pattern="[0-9]{7,15}"
          required
          value={number}
          onInput={({ currentTarget }) => setChosen(currentTarget.value)}
        />
      </label>
      <datalist id="sandbox-phones">
        {phones?.map((phone) => (
          <option key={phone.number} value={phone.number} label={phone.name} />
        ))}
      </datalist>
      <button type="submit" class="secondary" disabled={!qr || busy} aria-busy={busy}>
        <ScanLine size={16} aria-hidden="true" /> Scan with this phone
      </button>
    </form>
  );
}
