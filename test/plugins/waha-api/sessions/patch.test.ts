import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mergePatch } from '../../../../plugins/waha-api/sessions/patch.ts';
import { send } from '../../express/serve.ts';
import { apiOnFakes } from '../api.ts';

describe('a merge patch', () => {
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('of %j with %j is %j', (target, patch, merged) => {
    expect(mergePatch(target, patch)).toEqual(merged);
  });
});

describe('PATCH /api/sessions/{session}', () => {
  let api: Awaited<ReturnType<typeof apiOnFakes>>;
  beforeEach(async () => {
    api = await apiOnFakes();
    const config = {
      metadata: { team: 'a', user: '1' },
      debug: true,
      webhooks: [{ url: 'https://e.org', events: ['*'] }],
    };
    await api.post('/api/sessions', { name: 'default', start: false, config });
  });
  afterEach(() => api.close());
  const patch = async (config: unknown, name = 'default') => {
    const answer = await send('PATCH', `${api.url}/api/sessions/${name}`, { config });
    return { status: answer.status, body: (await answer.json()) as { config?: object; message?: unknown } };
  };

  it('changes what is given and keeps the rest', async () => {
    const { status, body } = await patch({ metadata: { team: 'b', user: null } });
    expect(status).toBe(200);
    expect(body.config).toMatchObject({ metadata: { team: 'b' }, debug: true, webhooks: [{ url: 'https://e.org' }] });
    expect(body.config).not.toHaveProperty('metadata.user');
  });

  it('takes a field away with null', async () => {
    expect((await patch({ webhooks: null })).body.config).not.toHaveProperty('webhooks');
  });

  it('checks what it comes to', async () => {
    expect(await patch({ webhooks: [{ url: 'nowhere' }] })).toMatchObject({
      status: 400,
      body: { message: expect.arrayContaining([expect.stringContaining('config.webhooks.0.')]) },
    });
  });

  it('answers 404 when there is none', async () => {
    expect((await patch({}, 'nobody')).status).toBe(404);
  });
});

describe('POST /api/sessions', () => {
  it.each([[''], [null], [undefined]])('generates a name for %j', async (name) => {
    const api = await apiOnFakes();
    const made = await api.post('/api/sessions', { name, start: false });
    expect(made).toMatchObject({ status: 201, body: { name: expect.stringMatching(/.{10,}/) } });
    await api.close();
  });
});
