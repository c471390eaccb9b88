import { afterEach, describe, expect, it } from 'vitest';
import { createTestHost, type TestHost } from 'waha-runtime/testing';
import autoReply from '../index.ts';

let host: TestHost;
afterEach(() => host?.close());

const start = async (): Promise<void> => {
  host = await createTestHost({ plugins: [autoReply, 'apps'], sessions: ['shop', 'other'] });
};
const answers = { hours: 'From 9 to 18.' };
const app = { id: 'app_1', session: 'shop', app: 'auto-reply', config: { answers } };
const sent = () => host.outgoing.map(({ session, args }) => [session, (args[0] as { text: string }).text]);
const ask = (body: string, session = 'shop') => host.emit('message', { body }, { session });

describe('auto-reply', () => {
  it('answers to its words in the session that has the app, and in no other', async () => {
    await start();
    expect(await host.request('POST', '/api/apps', { body: app })).toMatchObject({ status: 201 });
    for (const session of ['shop', 'other']) await ask('Hours', session);
    await ask('anything else');
    expect(sent()).toEqual([['shop', 'From 9 to 18.']]);
  });

  it('says new answers at once, and none when it is switched off or deleted', async () => {
    await start();
    await host.request('POST', '/api/apps', { body: app });
    const change = (more: object) => host.request('PUT', '/api/apps/app_1', { body: { ...app, ...more } });
    await change({ config: { answers: { hours: 'Closed today.' } } });
    await ask('hours');
    await change({ enabled: false });
    await ask('hours');
    await change({ enabled: true });
    await host.request('DELETE', '/api/apps/app_1');
    await ask('hours');
    expect(sent()).toEqual([['shop', 'Closed today.']]);
  });

  it('refuses a config that breaks its schema, naming the field', async () => {
    await start();
    const wrong = { ...app, config: { answers: { hours: '' } } };
    const refused = await host.request('POST', '/api/apps', { body: wrong });
    expect(refused).toMatchObject({
      status: 400,
      body: { message: [expect.stringContaining('config.answers.hours')] },
    });
  });
});
