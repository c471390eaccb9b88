import type { Agent } from 'node:https';
import type { Agent as Dispatcher } from 'undici';
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
