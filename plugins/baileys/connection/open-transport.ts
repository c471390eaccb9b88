import { Agent } from 'node:https';
import type { ProxyAddress } from 'waha-runtime';
import type { WhatsAppEndpoint } from 'waha-runtime/engine';
import type { FileHost } from './file-host.ts';
import type { Transport } from './transport.ts';

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
