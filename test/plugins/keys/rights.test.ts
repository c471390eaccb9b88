import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkRight, checkSession, rightOf, sessionPlace } from '../../../core/http/access.ts';
import { mayDo, maySee, Points, type Principal, type Right, type Route } from '../../../core/index.ts';
import { World } from '../../support/world.ts';

let world: World;
let routes: readonly (Route & { readonly tag: string })[];
beforeAll(async () => {
  world = await World.start({ files: {}, more: {} });
  routes = world.runtime
    .contributions(Points.Routes)
    .flatMap(({ value }) => value.routes.map((route) => ({ ...route, tag: value.tag })))
    .filter(({ access }) => access !== 'public');
});
afterAll(() => world.close());

const rights: readonly Right[] = ['read', 'send', 'control', 'setting', 'app', 'delete'];
const kinds: readonly Principal[] = [
  { name: 'admin', sessions: '*', rights: '*', admin: true },
  { name: 'all sessions', sessions: '*', rights, admin: false },
  { name: 'nothing', sessions: ['mine'], rights: [], admin: false },
  { name: 'usual', sessions: ['mine'], rights: rights.slice(0, 5), admin: false },
  { name: 'several', sessions: ['mine', 'support-*'], rights, admin: false },
  ...rights.map((right) => ({ name: right, sessions: ['mine'], rights: [right], admin: false })),
];

const lets = (route: Route, principal: Principal, session: string): boolean => {
  const fields = { session, name: session };
  try {
    checkRight(route, principal);
    checkSession(sessionPlace(route), principal, { params: fields, query: fields, body: fields });
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'FORBIDDEN', status: 403 });
    return false;
  }
};
const label = ({ method, path }: Route): string => `${method} ${path}`;

/** Tags whose routes need no word: looking needs `read`, and everything else `send`. */
const plainTags = new Set([
  'Chatting',
  'Chats',
  'Contacts',
  'Groups',
  'Labels',
  'Channels',
  'Status',
  'Profile',
  'Presence',
  'Calls',
  'Media',
  'Events',
]);

describe('every route', () => {
  it.each(kinds)('lets the key "$name" do what it may, and nothing to a session of others', (principal) => {
    for (const route of routes) {
      const [right, place] = [rightOf(route), sessionPlace(route)];
      const isAllowed = right === 'any' || mayDo(principal, right);
      for (const session of ['mine', 'other', 'support-1']) {
        const isOpen =
          place === 'any' || principal.sessions === '*' || (place !== 'none' && maySee(principal, session));
        expect(lets(route, principal, session), `${label(route)} of ${session}`).toBe(isAllowed && isOpen);
      }
    }
    expect(routes.length).toBeGreaterThan(100);
  });

  it('that any key may use is known here', () => {
    expect(
      routes
        .filter((route) => rightOf(route) === 'any')
        .map(label)
        .sort(),
    ).toEqual([
      'GET /api/files/{session}/{file}',
      'GET /api/server/status',
      'GET /api/server/version',
      'GET /api/sessions',
      'GET /api/sessions/{session}',
      'GET /api/sessions/{session}/capping',
      'GET /api/sessions/{session}/me',
      'GET /api/sessions/{session}/timelock',
      'GET /api/sessions/{session}/transitions',
      'GET /api/version',
    ]);
  });

  it('whose sessions the handler limits is known here', () => {
    const open = routes.filter((route) => sessionPlace(route) === 'any').map(label);
    expect(open.filter((name) => !name.includes(' /api/webhooks/')).sort()).toEqual([
      'GET /api/server/status',
      'GET /api/server/version',
      'GET /api/sessions',
      'GET /api/version',
    ]);
  });

  it('outside of the plain tags says which right it needs, unless it only looks', () => {
    const silent = routes.filter(
      ({ right, tag, method }) => right === undefined && method !== 'GET' && !plainTags.has(tag),
    );
    expect(silent.map(label)).toEqual([]);
  });

  it('that changes something needs more than `read`, but for searches', () => {
    const looking = routes.filter((route) => route.method !== 'GET' && rightOf(route) === 'read').map(label);
    const searches = /\/(chats\/overview|channels\/search\/by-(view|text)|keys\/media)$/;
    expect(looking.filter((name) => !searches.test(name))).toEqual([]);
  });
});
