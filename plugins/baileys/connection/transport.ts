import { Agent } from 'node:https';
import type { Agent as Dispatcher } from 'undici';
import type { ProxyAddress } from 'waha-runtime';
import type { WhatsAppEndpoint } from 'waha-runtime/engine';
import type { FileHost } from './file-host.ts';
import type { ProxyFault } from './proxy-fault.ts';

/** Everything of a connection that opens sockets: the websocket, uploads, downloads. */
export interface Transport {
  readonly agent?: Agent;
  readonly fetchAgent?: Agent;
  readonly dispatcher?: Dispatcher;
  /** To be told where files are, when WhatsApp is another server than WhatsApp's own. */
  readonly fileHost?: FileHost;
  /** The proxy's fault that ended the way, if there was one. */
  fault(): ProxyFault | undefined;
  close(): void;
}

const straight: Transport = { fault: () => undefined, close: () => undefined };

/**
 * How a connection reaches the outside: through its proxy, or directly. Where an endpoint names an authority, only that is
 * trusted. What only some connections need is loaded when one does: agents for proxies, and undici, make the start slower.
 */
export const openTransport = async (
  proxy: ProxyAddress | null,
  timeoutMs: number,
  endpoint: WhatsAppEndpoint | undefined,
): Promise<Transport> => {
  const ca = endpoint?.ca;
  if (proxy) return (await import('./proxy-agent.ts')).throughProxy(proxy, timeoutMs, ca);
  if (endpoint === undefined || ca === undefined) return straight;
  const [{ Agent: Dispatcher }, { connectorFor }] = await Promise.all([import('undici'), import('./file-host.ts')]);
  const agent = new Agent({ ca });
  const fileHost: FileHost = { find: async () => null };
  const dispatcher = new Dispatcher({ connect: connectorFor(ca, fileHost) });
  return {
    // An agent of TLS refuses a `ws:` address; media are fetched over TLS all the same.
    ...(endpoint.url.startsWith('wss:') ? { agent } : {}),
    fetchAgent: agent,
    dispatcher,
    fileHost,
    fault: () => undefined,
    close: () => {
      agent.destroy();
      void dispatcher.destroy().catch(() => undefined);
    },
  };
};
