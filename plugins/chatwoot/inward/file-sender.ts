import { type Principal, type Route, unprocessable } from 'waha-runtime';
import { callRoute, type RouteCall } from 'waha-runtime/http';

/** How a file is sent. */
export interface FileOptions {
  readonly chatId: string;
  readonly id: string;
  readonly caption: string;
  readonly replyTo?: string;
}

const paths: Readonly<Record<string, string>> = {
  image: '/api/sendImage',
  video: '/api/sendVideo',
  audio: '/api/sendVoice',
};

/** Sends files by the operations of the API, which fetch them through the network guard and convert them. */
export class FileSender {
  readonly #routes: () => readonly Route[];
  readonly #signal: AbortSignal;
  readonly #calls = new Map<string, RouteCall>();

  constructor(routes: () => readonly Route[], signal: AbortSignal) {
    this.#routes = routes;
    this.#signal = signal;
  }

  async send(
    session: string,
    { url, type }: { readonly url: string; readonly type: string },
    { chatId, id, caption, replyTo }: FileOptions,
  ): Promise<void> {
    const path = paths[type] ?? '/api/sendFile';
    const principal: Principal = { name: 'chatwoot', sessions: [session], rights: ['send'], admin: false };
    const body = {
      ...{ session, chatId, id, file: { url } },
      ...(type === 'audio' || type === 'video' ? { convert: true } : {}),
      ...(caption && type !== 'audio' ? { caption } : {}),
      ...(replyTo ? { reply_to: replyTo } : {}),
    };
    await this.#call(path)(principal, { params: {}, query: {}, body }, this.#signal);
  }

  #call(path: string): RouteCall {
    const known = this.#calls.get(path);
    if (known) return known;
    const route = this.#routes().find((one) => one.method === 'POST' && one.path === path);
    if (!route) throw unprocessable('no loaded plugin sends files');
    const call = callRoute(route);
    this.#calls.set(path, call);
    return call;
  }
}
