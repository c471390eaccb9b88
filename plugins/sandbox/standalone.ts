import { createServer } from 'node:http';
import { notFound, sentence } from 'waha-runtime';
import {
  type Authorize,
  anyone,
  createDispatcher,
  keylessCheck,
  pathOf,
  refuser,
  UploadSlots,
} from 'waha-runtime/http';
import { Control } from './control/control.ts';
import { controlRoutes } from './control/routes.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from './sandbox.ts';
import { refuseForeignHost } from './wire/server.ts';

/** Where a sandbox of its own process listens. */
export interface SandboxServerOptions extends SandboxOptions {
  /** Where the control API listens; 0 takes a free port. Without it there is none. */
  readonly controlPort?: number;
  /** Told where it listens, one line each. The console by default. */
  readonly print?: (line: string) => void;
}

/** A sandbox in a process of its own. */
export interface SandboxServer {
  readonly sandbox: Sandbox;
  /** `http://127.0.0.1:PORT`, null without a control port. */
  readonly controlUrl: string | null;
  close(): Promise<void>;
}

/** Messages of a control request may hold whole files (bytes). */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

const printFault = (fields: object | string, message = ''): void => {
  const { err, path } = fields as { err?: unknown; path?: string };
  console.error(`${message}: ${path}: ${sentence(err)}`);
};

/** Runs WhatsApp's side with its control API over plain HTTP. Throws when a port is taken or the host is foreign. */
export async function runSandboxServer(options: SandboxServerOptions = {}): Promise<SandboxServer> {
  const { controlPort, print = (line: string) => console.log(line), host = '127.0.0.1' } = options;
  const sandbox = await startSandbox(options);
  print(`WhatsApp: ${sandbox.endpoint.url} (root key ${sandbox.endpoint.rootKey})`);
  if (controlPort === undefined) return { sandbox, controlUrl: null, close: () => sandbox.close() };
  const control = await serveControl(sandbox, host, controlPort);
  print(`Control:  ${control.url}/api/sandbox`);
  const close = async (): Promise<void> => {
    await control.close();
    await sandbox.close();
  };
  return { sandbox, controlUrl: control.url, close };
}

/** The same routes that the product mounts, served in the same way, without a key. Loopback only. */
export async function serveControl(
  sandbox: Sandbox,
  host: string,
  port: number,
): Promise<{ url: string; close(): Promise<void> }> {
  refuseForeignHost(host);
  const { routes } = controlRoutes(new Control(sandbox));
  const refuseForeignPages = keylessCheck({ hosts: [host], origins: [] });
  const authorize: Authorize = (request) => {
    refuseForeignPages(request);
    return anyone;
  };
  const refuse = refuser({ warn: printFault, error: printFault });
  const dispatch = createDispatcher({
    routes: routes.map((route) => ({ plugin: 'sandbox', route })),
    authorize,
    refuse,
    slots: new UploadSlots(),
    maxBodyBytes: MAX_BODY_BYTES,
  });
  const http = createServer((request, response) => {
    if (dispatch(request, response)) return;
    refuse(notFound(`Cannot ${request.method} ${pathOf(request)}`), request, response);
  });
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, () => resolve());
  });
  const address = http.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  const close = async (): Promise<void> => {
    http.closeAllConnections();
    await new Promise<void>((resolve) => http.close(() => resolve()));
  };
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`, close };
}
