import { describe, expect, it } from 'vitest';
import { anyone } from '../../../../core/http/serve.ts';
import type { Reply, SessionInfo } from '../../../../core/index.ts';
import { SessionApps } from '../../../../plugins/waha-api/sessions/apps.ts';
import { clearly, presentInfo } from '../../../../plugins/waha-api/sessions/present.ts';
import { sessionGroup } from '../../../../plugins/waha-api/sessions/routes.ts';
import { settle } from '../../../support/clock.ts';
import { sessionsOnFakes } from '../../../support/sessions.ts';

const setUp = async () => {
  const world = await sessionsOnFakes();
  const { routes } = sessionGroup(world.sessions, new SessionApps(undefined));
  const list = routes.find(({ method, path }) => method === 'GET' && path === '/api/sessions');
  const answer = (query: object) => list?.handle({ query, principal: anyone } as never);
  const ask = (query: object) => (answer(query) as Reply).body as Buffer;
  /** As it would be made for this request alone. */
  const fresh = (all: boolean) =>
    JSON.parse(
      JSON.stringify(
        world.sessions
          .list()
          .filter(({ status }: SessionInfo) => all || status !== 'STOPPED')
          .map((info) => presentInfo(info, null, clearly)),
      ),
    );
  const expectFresh = () => {
    for (const all of [true, false]) expect(JSON.parse(String(ask({ all })))).toEqual(fresh(all));
  };
  return { ...world, answer, ask, expectFresh };
};

describe('the list of sessions', () => {
  it('is the same bytes until something changes, for each filter', async () => {
    const { sessions, ask, expectFresh } = await setUp();
    expectFresh();
    await sessions.create({ name: 'ana', start: false });
    const [all, running] = [ask({ all: true }), ask({})];
    expect(String(all)).toContain('"ana"');
    expect(String(running)).toBe('[]');
    expect(ask({ all: true })).toBe(all);
    expect(ask({})).toBe(running);
  });

  it('is made anew after every kind of change', async () => {
    const { sessions, engine, clock, ask, expectFresh } = await setUp();
    let last = ask({ all: true });
    const changed = async (what: string, change: () => unknown) => {
      await change();
      await settle();
      expect(ask({ all: true }).equals(last), what).toBe(false);
      expectFresh();
      last = ask({ all: true });
    };
    await changed('created', () => sessions.create({ name: 'ana' }));
    await changed('another one', () => sessions.create({ name: 'bob', start: false }));
    await changed('status and me', () => engine.last.open());
    await changed('metadata', () => sessions.update('ana', { metadata: { team: 'a' } }));
    await changed('webhooks', () => sessions.update('bob', { webhooks: [] }));
    await clock.pass(60_000);
    await changed('activity', () => sessions.client('ana'));
    await changed('another account', () =>
      engine.last.signal({ type: 'engine.me', me: { id: '2@c.us', jid: '2@s.whatsapp.net', pushName: 'B' } }),
    );
    await changed('deleted', () => sessions.remove('bob'));
  });

  it('has apps when they are asked for', async () => {
    const { sessions, answer, ask } = await setUp();
    await sessions.create({ name: 'ana', start: false });
    expect(answer({ all: true, expand: ['apps'] })).toMatchObject([{ name: 'ana', apps: [] }]);
    expect(String(ask({ all: true }))).not.toContain('apps');
  });
});
