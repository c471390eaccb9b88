import { useState } from 'preact/hooks';
import { features } from '../api/features.ts';
import type { Session } from '../api/shapes.ts';
import { Panel } from '../parts/panel.tsx';
import { PairingCode } from './linking-code.tsx';
import { Passkey } from './linking-passkey.tsx';
import { QrCode, useQr } from './linking-qr.tsx';
import { ScanInSandbox } from './linking-sandbox.tsx';

/** What a session that waits for its phone shows: a QR code, a code to type, or WhatsApp's questions about a passkey. */
export function Linking({ session }: { readonly session: Session }) {
  const { status } = session;
  if (status === 'SCAN_QR_CODE' || (status === 'STARTING' && !session.me)) return <WithPhone session={session} />;
  if (status === 'PASSKEY_REQUIRED' || status === 'PASSKEY_CONFIRMATION_REQUIRED') return <Passkey session={session} />;
  return null;
}

function WithPhone({ session }: { readonly session: Session }) {
  const [how, setHow] = useState<'qr' | 'code'>('qr');
  const qr = useQr(session);
  const choices = [
    ['qr', 'QR code'],
    ['code', 'Phone number'],
  ] as const;
  return (
    <Panel title="Link a phone" class="linking">
      <div class="segments">
        {choices.map(([value, word]) => (
          <button key={value} type="button" class="chip" aria-pressed={how === value} onClick={() => setHow(value)}>
            {word}
          </button>
        ))}
      </div>
      {how === 'qr' ? <QrCode qr={qr} /> : <PairingCode session={session} />}
      {features.value?.sandbox && <ScanInSandbox qr={qr.value} />}
    </Panel>
  );
}
