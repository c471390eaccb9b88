import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDispatcher } from '../../core/http/dispatcher.ts';
import { refuser } from '../../core/http/refusal.ts';
import { UploadSlots } from '../../core/http/upload-slots.ts';
import { Points, type Principal, type Route } from '../../core/index.ts';
import { recordingLog } from '../support/log.ts';
import { World } from '../support/world.ts';

/** Everything but the server: a key that is limited to `mine`. */
const limited: Principal = { name: 'partner', sessions: ['mine'], rights: '*', admin: false };

let world: World;
let server: Server;
let routes: readonly Route[];

beforeAll(async () => {
  world = await World.start({
    files: {},
    more: {
      sessions: [
        { name: 'mine', start: false },
        { name: 'other', start: false },
      ],
    },
  });
  const owned = world.runtime
    .contributions(Points.Routes)
    .flatMap(({ plugin, value }) => value.routes.map((route) => ({ plugin, route })));
  routes = owned.map(({ route }) => route);
  const refuse = refuser(recordingLog());
  const options = { authorize: () => limited, refuse, slots: new UploadSlots(), maxBodyBytes: 1024 * 1024 };
  const dispatch = createDispatcher({ routes: owned, ...options });
  server = createServer((request, response) => void dispatch(request, response)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await world.close();
});

const ask = async ({ method, path }: Route, session: string) => {
  const filled = path.replaceAll('{session}', session).replace(/\{[^{}]{1,64}\}/g, 'x');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}${filled}?session=${session}`;
  const body = JSON.stringify({ session, name: session });
  const answer = await fetch(url, { method, ...(method === 'GET' ? {} : { body }) });
  return { status: answer.status, text: await answer.text() };
};

/** Whom these concern is found out by the handler: it answers as if there were nothing of other sessions. */
const byHandler = /^\/api\/webhooks\//;

describe('a key that is limited to one session', () => {
  it('gets 403 from every operation for another one, or an empty list', async () => {
    const open: string[] = [];
    for (const route of routes.filter(({ access }) => access !== 'public')) {
      const { status, text } = await ask(route, 'other');
      const isServerInfo = route.session === 'any' && /version|status/.test(route.path);
      const isNothing =
        route.session === 'any' && (status === 404 || ['[]', '{"deliveries":[],"next":null}'].includes(text));
      if (status === 403 || isServerInfo || isNothing) continue;
      if (route.path === '/api/sessions' && !text.includes('"other"')) continue;
      if (byHandler.test(route.path) && !text.includes('"other"')) continue;
      open.push(`${route.method} ${route.path}: ${status} ${text.slice(0, 100)}`);
    }
    expect(open).toEqual([]);
    expect(routes.length).toBeGreaterThan(100);
  });

  it('is let in to its own', async () => {
    const mine = routes.filter(
      ({ path, method }) => method === 'GET' && path.includes('{session}') && !/^\/api\/(sandbox|server)/.test(path),
    );
    const refused: string[] = [];
    for (const route of mine) {
      const { status } = await ask(route, 'mine');
      if (status === 403) refused.push(`${route.method} ${route.path}`);
    }
    expect(refused).toEqual([]);
    expect(mine.length).toBeGreaterThan(10);
  });
});
