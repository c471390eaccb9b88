import { describe, expect, it } from 'vitest';
import { RouteTable } from '../../../core/http/route-table.ts';
import { route } from '../../../core/index.ts';

const echo = (path: string, method: 'GET' | 'POST' = 'GET') => ({
  plugin: 'test',
  route: route({ method, path, summary: path, handle: () => path }),
});
const paths = [
  '/api/{session}/groups/{id}/leave',
  '/api/{session}/{thing}',
  '/api/{session}/groups/{id}',
  '/api/{session}/groups/count',
  '/api/sessions/{session}/me',
  '/api/sessions/{session}',
  '/api/sessions',
  '/api/{session}/files/{name}.jpg',
  '/a:b',
];
const orders = [paths, paths.toReversed()];

describe.each(orders.map((list) => [list]))('routes in the order %j', (list) => {
  const table = new RouteTable(
    [...list.map((path) => echo(path)), echo('/api/sessions/{other}/me', 'POST')],
    ({ path }) => path,
  );
  const found = (path: string, method = 'GET') => {
    const one = table.find(method, path);
    return one && [one.value, { ...one.params }];
  };

  it.each([
    ['/api/sessions', '/api/sessions', {}],
    ['/api/sessions/', '/api/sessions', {}],
    ['/api/%73essions', '/api/sessions', {}],
    ['/api/sessions/one', '/api/sessions/{session}', { session: 'one' }],
    ['/api/sessions/one/me', '/api/sessions/{session}/me', { session: 'one' }],
    ['/api/Sessions/one', '/api/{session}/{thing}', { session: 'Sessions', thing: 'one' }],
    ['/api/one/groups/count', '/api/{session}/groups/count', { session: 'one' }],
    ['/api/one/groups/counts', '/api/{session}/groups/{id}', { session: 'one', id: 'counts' }],
    ['/api/sessions/groups/1', '/api/{session}/groups/{id}', { session: 'sessions', id: '1' }],
    ['/api/one/groups/1@g.us/leave', '/api/{session}/groups/{id}/leave', { session: 'one', id: '1@g.us' }],
    ['/api/a%2Fb/x', '/api/{session}/{thing}', { session: 'a/b', thing: 'x' }],
    ['/api/%252e/x', '/api/{session}/{thing}', { session: '%2e', thing: 'x' }],
    ['/api/one/files/a.b.jpg', '/api/{session}/files/{name}.jpg', { session: 'one', name: 'a.b' }],
    ['/a:b', '/a:b', {}],
    [`/api/${'x'.repeat(5000)}/y`, '/api/{session}/{thing}', { session: 'x'.repeat(5000), thing: 'y' }],
  ])('%s is found', (path, value, params) => {
    expect(found(path)).toEqual([value, params]);
  });

  it.each([
    '/',
    '/api',
    '/API/sessions',
    '//api/sessions',
    '/api//me',
    '/api//groups/1',
    '/api/one/groups/1/leave/x',
    '/api/one/files/.jpg',
  ])('%s is none of them', (path) => {
    expect(found(path)).toBeNull();
  });

  it('are told apart by their method, and HEAD is GET', () => {
    expect(found('/api/sessions/one/me', 'POST')).toEqual(['/api/sessions/{other}/me', { other: 'one' }]);
    expect(found('/api/sessions', 'HEAD')).toEqual(['/api/sessions', {}]);
    expect(found('/api/sessions', 'DELETE')).toBeNull();
  });

  it.each(['/api/%E0%A4%A', '/api/%', '/api/sessions/%zz/me', '/nowhere/%'])('%s cannot be decoded', (path) => {
    expect(() => found(path)).toThrow(URIError);
  });
});
