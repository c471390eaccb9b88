import { createServer, type RequestListener, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { type Route, route } from '../../../core/index.ts';
import { createApp } from '../../../plugins/express/app.ts';
import { FormSlots } from '../../../plugins/express/form-slots.ts';
import { orderRoutes } from '../../../plugins/express/route-order.ts';
import { routeTree, type ServedRoute } from '../../../plugins/express/route-tree.ts';
import { recordingLog } from '../../support/log.ts';

const paths = [
  '/api/sessions',
  '/api/sessions/{session}',
  '/api/sessions/{session}/me',
  '/api/{session}/groups/count',
  '/api/{session}/groups/{id}',
  '/api/{session}/{thing}',
  '/api/{session}/groups/{id}/leave',
];
const odd = '/api/{session}/files/{name}.jpg';

const echo = (path: string, method: Route['method'] = 'GET'): Route =>
  route({ method, path, summary: path, handle: ({ params }) => ({ method, path, params }) });
const routes = [...paths.map((path) => echo(path)), echo('/api/sessions/{other}/me', 'POST'), echo(odd)];

const app = (list: readonly Route[]): RequestListener =>
  createApp({
    log: recordingLog(),
    requestLog: 'none',
    routes: orderRoutes(list.map((it) => ({ plugin: 'p', route: it }))),
    pages: () => undefined,
    authorize: () => ({ name: 'anyone', sessions: '*' }),
    slots: new FormSlots(),
    readBody: async () => ({ value: {}, isForm: false }),
    refuse: (error, _request, response) => {
      response.statusCode = (error as { status?: number }).status ?? 500;
      response.end(String((error as { status?: number }).status));
    },
  });

/** A parameter in part of a segment keeps the tree away from all paths of that length: here from all there are. */
const express = app([...routes, ...[1, 2, 3, 4, 5, 6].map((depth) => echo(`${'/never'.repeat(depth)}{x}.never`))]);

const answersOf = async (listener: RequestListener, asked: readonly (readonly [string, string])[]) => {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const ask = ([method, path]: readonly [string, string]) =>
    new Promise<string>((resolve, reject) => {
      const sent = request({ port, method, path, agent: false }, (answer) => {
        answer.setEncoding('utf8');
        let text = '';
        answer.on('data', (part) => {
          text += part;
        });
        answer.on('end', () => resolve(`${answer.statusCode} ${answer.headers['content-length']} ${text}`));
      });
      sent.once('error', reject).end();
    });
  const answers = await Promise.all(asked.map(ask));
  await new Promise((resolve) => server.close(resolve));
  return answers;
};

describe('routes found by their segments', () => {
  const words = [
    'sessions',
    'groups',
    'count',
    'a%2Fb',
    '%E0%A4%A',
    '',
    'me',
    'files',
    'x.jpg',
    '111@c.us',
    '%73essions',
  ];
  const addresses = words.flatMap((first) =>
    words.flatMap((second) => [`/api/${first}`, `/api/${first}/${second}`, `/api/${first}/groups/${second}`]),
  );
  const oddities = [
    '/',
    '//api/sessions',
    '/api/sessions/',
    '/API/sessions',
    '/api/sessions?all=true',
    '/api/a/b?x=#y',
  ];

  it('answer as Express does when it tries one route after the other', async () => {
    const asked = [
      ...addresses,
      ...oddities,
      '/api/s/files/x.jpg',
      '/api/s/groups/1/leave',
      '/api/s/groups/1/leave/x',
    ].flatMap((path) => (['GET', 'POST', 'HEAD'] as const).map((method) => [method, path] as const));
    expect(await answersOf(app(routes), asked)).toEqual(await answersOf(express, asked));
  });

  it('are served without Express, unless something about the address is not plain', () => {
    const served: string[] = [];
    const serve: ServedRoute['serve'] = async (asked) => void served.push(asked.url ?? '');
    const answered = routeTree(
      paths.map((path) => ({ route: echo(path), serve })),
      () => {},
    );
    const plain = ['/api/sessions', '/api/sessions?all=true', '/api/sessions/a', '/api/a/groups/1', '/api/a%20b/x'];
    const others = [
      '/api/sessions/',
      '/api/sessions#x',
      '/api/%E0%A4%A/x',
      '//api/sessions',
      'http://h/api/sessions',
      '*',
    ];
    const take = (url: string) => answered({ url, method: 'GET', headers: {} } as never, {} as never);
    expect(plain.map(take)).toEqual(plain.map(() => true));
    expect(others.map(take)).toEqual(others.map(() => false));
    expect(served).toEqual(plain);
  });

  it('refuse a request whose route fails to answer', async () => {
    const failed = new Error('no answer');
    const refused: unknown[] = [];
    const serve: ServedRoute['serve'] = () => Promise.reject(failed);
    const answered = routeTree([{ route: echo('/ping'), serve }], (error) => void refused.push(error));
    expect(answered({ url: '/ping', method: 'GET', headers: {} } as never, {} as never)).toBe(true);
    await vi.waitFor(() => expect(refused).toEqual([failed]));
  });
});
