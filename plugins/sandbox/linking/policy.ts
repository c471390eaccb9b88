/** Where an error can be put into a passkey ceremony: the client's requests, in their order. */
export type CeremonyStep = 'options' | 'ref' | 'prologue' | 'nonce' | 'pairing';

/** How an account that must use a passkey is linked (docs/protocol.md, "Passkeys"). */
export interface PasskeyPolicy {
  /** Whether the request options come with the notification, or only to whoever asks for them. */
  readonly options?: 'inside' | 'asked';
  /** What never comes, although all before it was right. */
  readonly withhold?: 'continuation' | 'pair-success';
  /** The first request of a kind is refused with this code; later ones are not. */
  readonly refuse?: { readonly step: CeremonyStep; readonly code: number };
  /** The continuation has keys of a wrong length. */
  readonly malformed?: boolean;
  /** The phone asks its owner to compare the codes even when the client proved that it knows the scanned secret. */
  readonly alwaysAsks?: boolean;
}

/** A QR code's secret is retired by the first scan (docs/protocol.md, "QR refresh"). */
export interface RefreshPolicy {
  readonly child: 'companion_reg_refresh' | 'pair-device-rotate-qr';
  /** How many scans are answered like that. */
  readonly times: number;
  /** Only scans of the code with this reference, counted from 1; without it, of any. */
  readonly ref?: number;
}

/** How WhatsApp and the phone behave when devices are linked to an account. What is absent goes the straight way. */
export interface LinkingPolicy {
  readonly refresh?: RefreshPolicy;
  readonly passkey?: PasskeyPolicy;
  /** The phone says nothing after `companion_finish`, as one does that cannot open the client's keys. */
  readonly silent?: boolean;
}
