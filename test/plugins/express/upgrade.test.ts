import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { route, Type, type UpgradeHandler } from '../../../core/index.ts';
import { apiKey, deferred, type ServeOptions, serve } from './serve.ts';

const echo = (): UpgradeHandler => {
  const sockets = new WebSocketServer({ noServer: true });
  return {
    path: '/ws',
    handle: (request, socket, head, principal) =>
      sockets.handleUpgrade(request, socket, head, (client) => {
        client.on('message', (data) => client.send(`${principal.name}: ${String(data)}`));
      }),
  };
};
const broken: UpgradeHandler = {
  path: '/broken',
  handle() {
    throw new Error('inner detail');
  },
};

let server: Awaited<ReturnType<typeof serve>>;
const open = async (options: ServeOptions = {}) => {
  server = await serve({ upgrades: [echo(), broken], ...options });
};
afterEach(() => server?.close());

const dial = (path: string, headers: Record<string, string> = {}) =>
  new WebSocket(`${server.url.replace('http', 'ws')}${path}`, { headers });

const refusalOf = async (path: string, headers: Record<string, string> = {}) => {
  const [, response] = await once(dial(path, headers), 'unexpected-response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, body: JSON.parse(Buffer.concat(chunks).toString()) };
};

/** Sends raw bytes and reads until the server hangs up. */
const raw = async (text: string): Promise<string> => {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.write(text);
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  return answer;
};

describe('a websocket', () => {
  it.each([
    [`/ws?x-api-key=${apiKey}`, {}],
    ['/ws?session=*', { 'x-api-key': apiKey }],
  ])('opens with the key (%s)', async (path, headers) => {
    await open();
    const socket = dial(path, headers as Record<string, string>);
    await once(socket, 'open');
    socket.send('hello');
    const [data] = await once(socket, 'message');
    expect(String(data)).toBe('api-key: hello');
    socket.terminate();
  });

  it('is refused without the key', async () => {
    await open();
    expect(await refusalOf('/ws')).toEqual({ status: 401, body: { message: 'Unauthorized', statusCode: 401 } });
    expect((await refusalOf('/ws?x-api-key=wrong')).status).toBe(401);
  });

  it('takes the key as a subprotocol, which is all that a page in a browser can send besides the URL', async () => {
    await open();
    const offer = (key: string) => ['waha.events', `waha.key.${Buffer.from(key).toString('base64url')}`];
    const dialWith = (key: string) => new WebSocket(`${server.url.replace('http', 'ws')}/ws`, offer(key));
    const socket = dialWith(apiKey);
    await once(socket, 'open');
    socket.send('hello');
    expect(String((await once(socket, 'message'))[0])).toBe('api-key: hello');
    socket.terminate();
    const [, refused] = await once(dialWith('another'), 'unexpected-response');
    expect(refused.statusCode).toBe(401);
    refused.destroy();
  });

  it('is the only kind of request whose subprotocols are read', async () => {
    await open();
    const headers = { 'sec-websocket-protocol': `waha.key.${Buffer.from(apiKey).toString('base64url')}` };
    expect((await fetch(`${server.url}/nowhere`, { headers })).status).toBe(401);
    const wrongKeyWins = { ...headers, 'x-api-key': 'wrong' };
    expect((await refusalOf('/ws', wrongKeyWins)).status).toBe(401);
  });

  it('is refused on a path that nobody takes', async () => {
    await open();
    const refusal = await refusalOf('/other', { 'x-api-key': apiKey });
    expect(refusal).toMatchObject({ status: 404, body: { error: 'Not Found' } });
  });

  it('whose handler throws gets a 500 without the inside', async () => {
    await open();
    const { status, body } = await refusalOf('/broken', { 'x-api-key': apiKey });
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('inner detail');
  });

  it('is cut when the server closes', async () => {
    await open({ config: { closeGrace: 20 } });
    const socket = dial(`/ws?x-api-key=${apiKey}`);
    await once(socket, 'open');
    await Promise.all([once(socket, 'close'), server.close()]);
  });

  it('path belongs to one plugin', async () => {
    await expect(open({ upgrades: [echo(), echo()] })).rejects.toThrow(
      "takes upgrades on /ws, which 'contributor' takes, too",
    );
  });
});

describe('an offer of HTTP/2', () => {
  it('is ignored, body and all', async () => {
    const routes = [
      route({
        method: 'POST',
        path: '/api/text',
        summary: 'text',
        body: Type.Object({ text: Type.String() }),
        handle: ({ body, headers }) => ({ text: body.text, upgrade: headers['upgrade'] ?? null }),
      }),
    ];
    await open({ routes });
    const body = '{"text":"grüße"}';
    const head = [
      'POST /api/text HTTP/1.1',
      'Host: localhost',
      `X-Api-Key: ${apiKey}`,
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAEAAEAA',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    // The second request on the connection is a plain one; it ends the connection.
    const next = `GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`;
    const answer = await raw(`${head.join('\r\n')}\r\n\r\n${body}${next}`);
    expect(answer).toContain('HTTP/1.1 201 Created');
    expect(answer).toContain('{"text":"grüße","upgrade":null}');
    expect(answer).toContain('{"message":"pong"}');
  });

  it('behind requests that are not answered yet is answered in its turn, again and again', async () => {
    const first = deferred<void>();
    const routes = [
      route({
        method: 'GET',
        path: '/slow/{turn}',
        summary: 'slow',
        params: Type.Object({ turn: Type.String() }),
        handle: async ({ params }) => {
          await first.promise;
          return { turn: params.turn };
        },
      }),
    ];
    await open({ routes });
    const get = (turn: string, ...headers: string[]) =>
      [`GET /slow/${turn} HTTP/1.1`, 'Host: localhost', `X-Api-Key: ${apiKey}`, ...headers, '', ''].join('\r\n');
    const offer = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAEAAEAA'];
    const turns = Array.from({ length: 30 }, (_, turn) => String(turn));
    const warned: string[] = [];
    const warn = ({ name }: Error) => warned.push(name);
    process.on('warning', warn);
    const answers = raw(turns.map((turn) => get(turn, ...offer)).join('') + get('last', 'Connection: close'));
    first.resolve();
    const told = [...(await answers).matchAll(/\{"turn":"(\w+)"\}/g)].map(([, turn]) => turn);
    process.off('warning', warn);
    expect(told).toEqual([...turns, 'last']);
    // No listener stays on the connection.
    expect(warned).toEqual([]);
  });
});
