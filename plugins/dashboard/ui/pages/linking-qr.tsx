import { useEffect, useState } from 'preact/hooks';
import { encode } from 'uqr';
import { get, pathOf } from '../api/client.ts';
import type { Session } from '../api/shapes.ts';

/** How long a code is shown before the next one is asked for (ms): codes change every 20 s. */
const pause = 1_200;
const pauseAfterFault = 3_000;

export interface Qr {
  readonly value: string | null;
  readonly fault: string | null;
}

/** The code that the session shows now, for as long as the page is open. */
export const useQr = ({ name, status }: Session): Qr => {
  const [qr, setQr] = useState<Qr>({ value: null, fault: null });
  useEffect(() => {
    if (status !== 'SCAN_QR_CODE') return setQr({ value: null, fault: null });
    const controller = new AbortController();
    void readOn(name, controller.signal, setQr);
    return () => controller.abort();
  }, [name, status]);
  return qr;
};

const readOn = async (name: string, signal: AbortSignal, show: (qr: Qr) => void): Promise<void> => {
  while (!signal.aborted) {
    let next = pause;
    try {
      const { value } = await get<{ value: string }>(`api/${pathOf(name)}/auth/qr?format=raw`, signal);
      if (!signal.aborted) show({ value, fault: null });
    } catch (error) {
      if (signal.aborted) return;
      show({ value: null, fault: error instanceof Error ? error.message : String(error) });
      next = pauseAfterFault;
    }
    await new Promise((resolve) => setTimeout(resolve, next));
  }
};

/** One path of unit squares, a row of dark modules each. */
const pathOfModules = (rows: readonly (readonly boolean[])[]): string => {
  const runs: string[] = [];
  rows.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) {
      if (!row[x]) continue;
      const start = x;
      while (row[x + 1]) x++;
      runs.push(`M${start} ${y}h${x - start + 1}v1H${start}z`);
    }
  });
  return runs.join('');
};

export function QrCode({ qr: { value, fault } }: { readonly qr: Qr }) {
  if (!value) {
    return (
      <div class="qr-wait" aria-busy={!fault}>
        {fault ?? 'Waiting for a code from WhatsApp'}
      </div>
    );
  }
  const { data, size } = encode(value, { ecc: 'L', border: 4 });
  return (
    <>
      {/* Dark on white in both themes: phones do not read it otherwise. */}
      <svg
        class="qr"
        viewBox={`0 0 ${size} ${size}`}
        role="img"
        aria-label="QR code to scan"
        shape-rendering="crispEdges"
      >
        <rect width={size} height={size} fill="#fff" />
        <path d={pathOfModules(data)} fill="#000" />
      </svg>
      <p class="muted">On the phone: WhatsApp, Settings, Linked devices, Link a device. The code changes by itself.</p>
    </>
  );
}
