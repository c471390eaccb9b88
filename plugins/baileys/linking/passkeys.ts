import type { BaileysSocket } from '../socket/socket.ts';
import { Ceremony, type CeremonyOptions } from './passkey-ceremony.ts';
import { onServerNotice } from './server-notices.ts';

/** Linkings by passkey, one at a time: a new one takes the place of the one before. */
export class Passkeys {
  #current: Ceremony | null = null;

  /** `begun` is called when WhatsApp asks for a passkey, before anything depends on the secret. */
  constructor(sock: BaileysSocket, options: CeremonyOptions, begun: () => void) {
    const { auth } = options;
    onServerNotice(sock, auth, 'passkey_prologue_request', (stanza) => {
      begun();
      this.end();
      this.#current = new Ceremony(options);
      void this.#current.begin(stanza);
    });
    onServerNotice(sock, auth, 'crsc_continuation', (stanza) => void this.#current?.proceed(stanza));
  }

  /** Whether a ceremony has begun on this connection: the new secret is given to the phone, and must stay. */
  get hasBegun(): boolean {
    return this.#current !== null;
  }

  end(): void {
    this.#current?.end();
  }
}
