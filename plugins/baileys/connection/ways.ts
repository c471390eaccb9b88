import { Agent } from 'node:https';
import { Agent as Dispatcher } from 'undici';
import type { ProxyAddress, WhatsAppEndpoint } from 'waha-runtime';
import { throughProxy, type Ways } from './proxy-agent.ts';

/** How a connection reaches the outside: through its proxy, or directly. Where an endpoint names an authority, only that is trusted. */
export const waysOut = (
  proxy: ProxyAddress | null,
  timeoutMs: number,
  endpoint: WhatsAppEndpoint | undefined,
): Ways => {
  const ca = endpoint?.ca;
  if (proxy) return throughProxy(proxy, timeoutMs, ca);
  if (endpoint === undefined || ca === undefined) return { fault: () => undefined, close: () => undefined };
  const agent = new Agent({ ca });
  const dispatcher = new Dispatcher({ connect: { ca } });
  return {
    // An agent of TLS refuses a `ws:` address; media are fetched over TLS all the same.
    ...(endpoint.url.startsWith('wss:') ? { agent } : {}),
    fetchAgent: agent,
    dispatcher,
    fault: () => undefined,
    close: () => {
      agent.destroy();
      void dispatcher.destroy().catch(() => undefined);
    },
  };
};
