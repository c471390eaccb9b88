import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { RequestForwarder } from '../../../plugins/cluster/forwarder.ts';
import type { ClusterNode } from '../../../plugins/cluster/node.ts';
import { recordingLog } from '../../support/log.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.closeAllConnections();
});

const listen = async (handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> => {
  const server = createServer(handle);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** A process whose sessions are all at another one. */
const front = async (place: string) => {
  const log = recordingLog();
  const life = { isAlive: true };
  const node = { peers: { isAt: () => life.isAlive } } as unknown as ClusterNode;
  const forwarder = new RequestForwarder(() => node, log);
  const url = await listen((request, response) => {
    forwarder.forward(request, response, place).catch((error) => {
      response.statusCode = error.statusCode ?? 503;
      response.end(JSON.stringify({ message: error.message }));
    });
  });
  return { url, log, forwarder, life };
};

describe('a request for a session of another process', () => {
  it('is answered with what that one answers, headers and body', async () => {
    const owner = await listen((request, response) => {
      response.setHeader('x-told', String(request.headers['x-waha-forwarded']));
      response.statusCode = 201;
      request.pipe(response);
    });
    const { url } = await front(owner);
    const answer = await fetch(`${url}/api/sendText?a=b`, { method: 'POST', body: 'hello' });
    expect([answer.status, answer.headers.get('x-told'), await answer.text()]).toEqual([201, '1', 'hello']);
  });

  it('is refused in words when the other one takes other keys', async () => {
    const owner = await listen((_request, response) => {
      response.statusCode = 401;
      response.end('{"message":"Unauthorized"}');
    });
    const { url, log } = await front(owner);
    const what = `the process at ${owner} does not take a key that this one takes: all of a cluster need the same keys`;
    const answer = await fetch(url);
    expect([answer.status, await answer.json()]).toEqual([503, { message: what }]);
    expect(log.lines.map(({ message }) => message)).toEqual([what]);
  });

  it('is told to come again when nobody is there, and when the other one dies meanwhile', async () => {
    const gone = await front('http://127.0.0.1:1');
    expect((await fetch(gone.url)).status).toBe(503);
    let asked = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const owner = await listen(() => asked());
    const { url, forwarder } = await front(owner);
    const answer = fetch(url);
    await isAsked;
    forwarder.cutOff(owner);
    expect((await answer).status).toBe(503);
  });

  it('is told to come again when the other one is found dead while the request is on its way to it', async () => {
    const owner = await listen(() => undefined);
    const { url, life } = await front(owner);
    life.isAlive = false;
    expect((await fetch(url)).status).toBe(503);
  });
});
