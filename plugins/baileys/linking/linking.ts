import type { Log } from 'waha-runtime';
import type { EngineSignal } from 'waha-runtime/engine';
import type { BaileysConfig } from '../config.ts';
import type { AuthState } from '../credentials/auth-state.ts';
import { confirmBeforeLinked } from '../repairs/early-acks.ts';
import type { Requests } from '../socket/requests.ts';
import type { BaileysSocket } from '../socket/socket.ts';
import type { Browser } from './companion-hello.ts';
import { PairingCodes } from './pairing-codes.ts';
import { Passkeys } from './passkeys.ts';
import { QrCodes } from './qr-codes.ts';
import { watchQrRefresh } from './qr-refresh.ts';
import { registeredDeviceType } from './shortcake.ts';

export interface LinkingOptions {
  readonly sock: BaileysSocket;
  readonly auth: Pick<AuthState, 'creds' | 'linked'>;
  readonly requests: Requests;
  readonly browser: Browser;
  readonly plugin: BaileysConfig;
  readonly log: Log;
  now(): number;
  signal(signal: EngineSignal): void;
}

/** A connection that waits to be linked. */
export interface Linking {
  /** The device is linked, or the connection is over: nothing is waited for any more. */
  end(): void;
}

/** Signals what a phone can link this connection with: QR codes, and codes to type. */
export const watchLinking = (options: LinkingOptions): Linking => {
  const { sock, auth, signal, plugin, browser } = options;
  confirmBeforeLinked(sock, auth.creds);
  const pairing = new PairingCodes({
    ...options,
    timeoutMs: plugin.queryTimeoutMs,
    silenceMs: plugin.pairingSilenceMs,
    isTaken: () => passkeys.hasBegun,
    changed: (code) => signal({ type: 'engine.code', code }),
  });
  const codes = new QrCodes(sock, (announced) => signal({ type: 'engine.qr', codes: announced, pairing }));
  const passkeys = new Passkeys(
    sock,
    {
      ...options,
      timeoutMs: plugin.queryTimeoutMs,
      deviceType: registeredDeviceType(browser[1]),
      alwaysConfirm: plugin.confirmPasskeys,
    },
    () => pairing.settled(),
  );
  watchQrRefresh(sock, auth, (make) =>
    pairing.whenFree(() => {
      if (passkeys.hasBegun) return;
      const renewed = codes.renewed(make());
      if (renewed.length > 0) signal({ type: 'engine.qr.refreshed', codes: renewed });
    }),
  );
  return {
    end: () => {
      pairing.settled();
      passkeys.end();
    },
  };
};
