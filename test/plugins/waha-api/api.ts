import type { AnyPlugin } from '../../../core/contracts/plugin.ts';
import type { KeyRing, Sessions } from '../../../core/index.ts';
import wahaApi from '../../../plugins/waha-api/index.ts';
import { sessionsOnFakes } from '../../support/sessions.ts';
import { call, type ServeOptions, send, serve } from '../express/serve.ts';

/** A key that may do everything but change configs. */
export const readerKey = 'the-key-of-a-reader';
const keyRing: KeyRing = {
  find: (key) =>
    key === readerKey
      ? { name: 'reader', sessions: '*', rights: ['read', 'send', 'control', 'delete'], admin: false }
      : undefined,
};

export interface Answered {
  readonly status: number;
  /** Undefined when the body is empty. */
  readonly body: unknown;
}

/** The waha-api plugin behind the express plugin, in front of the sessions given. */
export const serveApi = async (sessions: Sessions, options: Pick<ServeOptions, 'shutdown'> = {}) => {
  const server = await serve({ ...options, sessions, keyRing, plugins: [wahaApi as unknown as AnyPlugin] });
  const read = async (answer: Response): Promise<Answered> => {
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  return {
    ...server,
    call: (path: string, init?: RequestInit) => call(`${server.url}${path}`, init),
    get: async (path: string) => read(await call(`${server.url}${path}`)),
    post: async (path: string, body?: unknown) => read(await send('POST', `${server.url}${path}`, body)),
    put: async (path: string, body?: unknown) => read(await send('PUT', `${server.url}${path}`, body)),
    remove: async (path: string) => read(await send('DELETE', `${server.url}${path}`)),
  };
};

/** The same in front of the real sessions, on a fake engine and a simulated clock. */
export const apiOnFakes = async () => {
  const fakes = await sessionsOnFakes();
  const api = await serveApi(fakes.sessions);
  return { ...fakes, ...api };
};
