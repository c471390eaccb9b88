import type { ProxyAddress } from 'waha-runtime';

/** The proxy could not be used. Names it without its credentials. */
export class ProxyFault extends Error {
  /** Starts with `E`, so that Baileys takes it for a network fault and not for an answer of the server. */
  readonly code = 'EPROXY';

  constructor(proxy: ProxyAddress, what: string) {
    super(`proxy ${proxy.label} ${what}`);
    this.name = 'ProxyFault';
  }
}
