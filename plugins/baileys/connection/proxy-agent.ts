import { EventEmitter } from 'node:events';
import type { ClientRequest } from 'node:http';
import type { Agent } from 'node:https';
import type { Socket } from 'node:net';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { SocksProxyAgent } from 'socks-proxy-agent';
import { Agent as Dispatcher } from 'undici';
import { type ProxyAddress, sentence } from 'waha-runtime';
import { ProxyFault } from './proxy-fault.ts';
import type { Transport } from './transport.ts';

type Connect = (request: ClientRequest, options: never) => Promise<Socket>;
interface ProxyAgent {
  connect: Connect;
  destroy(): void;
}

/** Transport through a proxy. There is none around it: a proxy that fails fails the connection. */
export const throughProxy = (proxy: ProxyAddress, timeoutMs: number, ca?: string): Transport => {
  const agent = agentOf(proxy, timeoutMs);
  let fault: ProxyFault | undefined;
  const direct = agent.connect.bind(agent);
  agent.connect = async (request, options) => {
    try {
      return await connected(direct, request, options, proxy, timeoutMs, ca);
    } catch (error) {
      fault = error instanceof ProxyFault ? error : new ProxyFault(proxy, `failed: ${plain(error, proxy)}`);
      throw fault;
    }
  };
  const dispatcher = new Dispatcher({ connect: connectorOf(agent) });
  const https = agent as unknown as Agent;
  return {
    agent: https,
    fetchAgent: https,
    dispatcher,
    fault: () => fault,
    close: () => {
      agent.destroy();
      void dispatcher.destroy().catch(() => undefined);
    },
  };
};

const agentOf = (proxy: ProxyAddress, timeoutMs: number): ProxyAgent => {
  const socks = proxy.url.startsWith('socks');
  const { lookup } = proxy;
  const agent = socks
    ? new SocksProxyAgent(proxy.url, { timeout: timeoutMs, ...(lookup ? { socketOptions: { lookup } as never } : {}) })
    : new HttpsProxyAgent(proxy.url, { ...(lookup ? { lookup } : {}) } as object);
  return agent as unknown as ProxyAgent;
};

/** https-proxy-agent replays a refusal as if the server had said it; here it is the proxy's. */
const connected = async (
  connect: Connect,
  request: ClientRequest,
  options: never,
  proxy: ProxyAddress,
  timeoutMs: number,
  ca: string | undefined,
): Promise<Socket> => {
  let refused: number | undefined;
  request.once(
    'proxyConnect' as 'close',
    ((answer: { statusCode: number }) => {
      if (answer.statusCode !== 200) refused = answer.statusCode;
    }) as () => void,
  );
  const late = new ProxyFault(proxy, `did not answer within ${timeoutMs} ms`);
  const trusting = ca === undefined ? options : ({ ...(options as object), ca } as never);
  const socket = await before(timeoutMs, late, connect(request, trusting));
  if (refused === undefined) {
    // A SOCKS agent leaves its connect timeout on the socket, where it would end quiet connections.
    socket.setTimeout(0);
    return socket;
  }
  socket.destroy();
  throw new ProxyFault(proxy, `refused the connection with HTTP ${refused}`);
};

const before = async <T extends Socket>(timeoutMs: number, late: Error, promise: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late), timeoutMs);
  });
  promise.then(
    (socket) => timer === undefined && socket.destroy(),
    () => undefined,
  );
  return Promise.race([promise, timeout]).finally(() => {
    clearTimeout(timer);
    timer = undefined;
  });
};

/** undici's way of asking for a socket, answered by the proxy agent: media and history go the same way. */
const connectorOf =
  (agent: ProxyAgent) =>
  (
    options: { hostname: string; port: string; protocol: string; servername?: string },
    done: (...args: [Error, null] | [null, Socket]) => void,
  ): void => {
    const secureEndpoint = options.protocol === 'https:';
    const port = Number(options.port) || (secureEndpoint ? 443 : 80);
    const { hostname: host, servername } = options;
    const wanted = { host, port, secureEndpoint, ...(servername ? { servername } : {}) };
    agent.connect(new Waiter() as unknown as ClientRequest, wanted as never).then(
      (socket) => {
        socket.resume();
        socket.pause();
        done(null, socket);
      },
      (error) => done(error as Error, null),
    );
  };

/** What the agents need of a request. */
class Waiter extends EventEmitter {
  destroy(): void {
    this.removeAllListeners();
  }
}

/** An error's sentence without the proxy's credentials. */
const plain = (error: unknown, proxy: ProxyAddress): string => {
  const url = new URL(proxy.url);
  const secrets = [proxy.url, url.password, decodeURIComponent(url.password), url.username].filter(Boolean);
  return secrets.reduce((text, secret) => text.replaceAll(secret, '***'), sentence(error) || 'no connection');
};
