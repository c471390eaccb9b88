import { afterEach, describe, expect, it } from 'vitest';
import {
  type ClientPolicy,
  definePlugin,
  type EventFilter,
  Points,
  type RuntimeEvent,
  route,
  Tokens,
  tooManyRequests,
} from 'waha-runtime';
import { createTestHost, settle, type TestHost } from 'waha-runtime/testing';

let host: TestHost;
afterEach(() => host.close());

const start = async (...plugins: Parameters<typeof createTestHost>[0]['plugins'][number][]): Promise<TestHost> => {
  host = await createTestHost({ plugins: [...plugins, 'waha-api'] });
  return host;
};

const never = (): Promise<never> => new Promise(() => undefined);

/** Notes the text of every message that it hears. */
const witness = (heard: string[]) =>
  definePlugin({
    name: 'witness',
    setup: ({ on }) => on('message', ({ payload }) => void heard.push(payload.body ?? '')),
  });

const emitMany = async (count: number): Promise<void> => {
  for (let index = 1; index <= count; index++) await host.emit('message', { body: `${index}` });
};

const health = async () => (await host.health()).details;
const infoOf = (name: string) => host.plugins.find((plugin) => plugin.name === name);
const errors = () => host.logged.filter(({ level }) => level === 'error').map(({ message }) => message);

describe('a listener that fails', () => {
  it('is suspended alone; the others hear everything, and health says so', async () => {
    const heard: string[] = [];
    const angry = definePlugin({
      name: 'angry',
      setup: ({ on }) =>
        on('message', () => {
          throw new Error('I do not want to');
        }),
    });
    await start(angry, witness(heard));
    await emitMany(7);
    expect(heard).toEqual(['1', '2', '3', '4', '5', '6', '7']);
    expect(await health()).toMatchObject({
      events: { status: 'down', message: 'suspended: angry on message', sinks: { 'angry on message': { failed: 5 } } },
    });
    await host.clock.pass(30_000);
    expect(await health()).toMatchObject({ events: { status: 'up' } });
  });

  it('that hangs holds nobody up and is suspended after its time limits', async () => {
    const heard: string[] = [];
    const hanging = definePlugin({ name: 'hanging', setup: ({ on }) => on('message', never) });
    await start(hanging, witness(heard));
    const emitting = emitMany(5);
    await emitting;
    expect(heard).toHaveLength(5);
    await host.clock.pass(30_000);
    expect(await health()).toMatchObject({ events: { message: 'suspended: hanging on message' } });
  });
});

describe('a filter that misbehaves', () => {
  const filtering = (filter: (event: RuntimeEvent) => unknown) =>
    definePlugin({
      name: 'filtering',
      setup: ({ contribute }) =>
        contribute(Points.EventFilter, {
          name: 'odd',
          filter: (event) => (event.event === 'message' ? filter(event) : event),
        } as EventFilter),
    });

  it('is passed over when it throws, and suspended when it goes on', async () => {
    const heard: string[] = [];
    const broken = filtering(() => {
      throw new Error('broken');
    });
    await start(broken, witness(heard));
    await emitMany(6);
    expect(heard).toHaveLength(6);
    expect(infoOf('filtering')).toMatchObject({
      state: 'suspended',
      contributions: { "filter 'odd'": { failed: 5, suspended: true } },
    });
    expect(await health()).toMatchObject({
      plugins: { status: 'down', message: "filtering: suspended: filter 'odd'" },
    });
    expect(errors()).toContain("filter 'odd' is suspended for 30000 ms: it failed too often");
    expect(host.metrics.find(({ name }) => name === 'waha_plugin_suspended')).toMatchObject({
      labels: { plugin: 'filtering', part: "filter 'odd'" },
      value: 1,
    });
    await host.clock.pass(30_000);
    expect(infoOf('filtering')?.state).toBe('ready');
  });

  it.each([
    ['answers with a promise', async () => null],
    ['answers nothing', () => undefined],
  ])('is passed over when it %s', async (_, filter) => {
    const heard: string[] = [];
    await start(filtering(filter), witness(heard));
    await emitMany(1);
    expect(heard).toEqual(['1']);
    expect(infoOf('filtering')?.contributions).toMatchObject({ "filter 'odd'": { failed: 1 } });
  });

  it('counts as failed when it is slow, and its answer holds', async () => {
    const heard: string[] = [];
    const slow = definePlugin({
      name: 'filtering',
      needs: { clock: Tokens.Clock },
      setup({ contribute, services: { clock } }) {
        let late = 0;
        const now = clock.now;
        Object.assign(clock, { now: () => now() + late });
        contribute(Points.EventFilter, {
          name: 'odd',
          filter(event) {
            if (event.event === 'message') late += 2_000;
            return event.event === 'message' ? null : event;
          },
        });
      },
    });
    await start(slow, witness(heard));
    await emitMany(1);
    expect(heard).toEqual([]);
    expect(errors()).toContain("filter 'odd' failed: it took 2000 ms");
  });
});

describe('a policy that misbehaves', () => {
  const policing = (policy: Omit<ClientPolicy, 'name'>) =>
    definePlugin({
      name: 'policing',
      setup: ({ contribute }) => contribute(Points.ClientPolicy, { name: 'odd', ...policy }),
    });
  const send = async () => (await host.sessions.client('default')).messages.sendText({ chatId: 'a', text: 'b' });
  const sent = () => host.client().messages.sendText.calls.length;

  it('fails its calls, then is passed over while it is suspended', async () => {
    await start(
      policing({
        send: async () => {
          throw new TypeError('x is undefined');
        },
      }),
    );
    for (let call = 0; call < 5; call++) await expect(send()).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
    expect(sent()).toBe(0);
    await send();
    expect(sent()).toBe(1);
    expect(infoOf('policing')?.state).toBe('suspended');
  });

  it('refuses every call while it is suspended, when calls must not go past it', async () => {
    await start(policing({ required: true, send: () => Promise.reject(new Error('no')) }));
    for (let call = 0; call < 5; call++) await expect(send()).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
    await expect(send()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(sent()).toBe(0);
  });

  it('that hangs fails the call after its own 30 s, and lets it through no more', async () => {
    let letThrough: () => Promise<unknown> = never;
    await start(
      policing({
        send: (call, next) => {
          letThrough = () => next(call);
          return never();
        },
      }),
    );
    const sending = send();
    const outcome = expect(sending).rejects.toThrow("plugin 'odd' did not let a call pass within 30000 ms");
    await settle();
    await host.clock.pass(30_000);
    await outcome;
    await expect(letThrough()).rejects.toThrow('lets a call pass that is over');
    expect(sent()).toBe(0);
  });

  it('may refuse on purpose, and what WhatsApp answers is not its failure', async () => {
    let refuse = true;
    await start(
      policing({
        send: async (call, next) => {
          if (refuse) throw tooManyRequests('slow down', 5);
          return next(call);
        },
      }),
    );
    for (let call = 0; call < 6; call++) await expect(send()).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    refuse = false;
    host.client().messages.sendText.answers(() => Promise.reject(new Error('the network')));
    for (let call = 0; call < 6; call++) await expect(send()).rejects.toThrow('the network');
    expect(infoOf('policing')).toMatchObject({ state: 'ready', contributions: { "policy 'odd'": { failed: 0 } } });
  });
});

describe('a route that misbehaves', () => {
  const routing = (handle: () => unknown) =>
    definePlugin({
      name: 'routing',
      setup: ({ contribute }) =>
        contribute(Points.Routes, {
          tag: 'Odd',
          routes: [route({ method: 'GET', path: '/api/odd', summary: 'Odd', handle })],
        }),
    });

  it('answers 500 and then, for a while, 503; other routes answer as ever', async () => {
    await start(
      routing(() => {
        throw new TypeError('oh');
      }),
    );
    for (let call = 0; call < 20; call++) expect((await host.request('GET', '/api/odd')).status).toBe(500);
    expect((await host.request('GET', '/api/odd')).status).toBe(503);
    expect((await host.request('GET', '/api/sessions/default')).status).toBe(200);
    const { body } = await host.request('GET', '/api/server/plugins');
    expect(body).toContainEqual(expect.objectContaining({ name: 'routing', state: 'suspended' }));
    await host.clock.pass(10_000);
    expect((await host.request('GET', '/api/odd')).status).toBe(500);
  });

  it('is not suspended for everybody by one request that comes again and again', async () => {
    const odd = definePlugin({
      name: 'routing',
      setup: ({ contribute }) =>
        contribute(Points.Routes, {
          tag: 'Odd',
          routes: [
            route({
              method: 'GET',
              path: '/api/odd/{kind}',
              summary: 'Odd',
              handle: ({ params }) => {
                if ((params as { kind?: string }).kind !== 'good') throw new TypeError('oh');
                return 'fine';
              },
            }),
          ],
        }),
    });
    await start(odd);
    for (let call = 0; call < 50; call++) expect((await host.request('GET', '/api/odd/bad')).status).toBe(500);
    expect((await host.request('GET', '/api/odd/good')).status).toBe(200);
    for (let call = 0; call < 20; call++) await host.request('GET', `/api/odd/bad-${call}`);
    expect((await host.request('GET', '/api/odd/good')).status).toBe(503);
  });

  it('answers 503 when it hangs', async () => {
    await start(routing(never));
    const answering = host.request('GET', '/api/odd');
    await settle();
    await host.clock.pass(120_000);
    expect(await answering).toMatchObject({ status: 503 });
    expect(infoOf('routing')?.contributions).toMatchObject({ "route 'GET /api/odd'": { failed: 1 } });
  });
});

describe('what a plugin opens through its context', () => {
  it('ends with it: timers, listeners, requests, storage', async () => {
    const seen: string[] = [];
    let late: Promise<unknown> = never();
    let lateStorage: Promise<unknown> = never();
    const opening = definePlugin({
      name: 'opening',
      setup(ctx) {
        ctx.setTimeout(() => void seen.push('never'), 3_600_000);
        ctx.setInterval(() => void seen.push('tick'), 1_000);
        ctx.on('message', () => void seen.push('message'));
        ctx.signal.addEventListener('abort', () => {
          seen.push('aborted');
          late = ctx.http.request({ url: 'https://example.com' });
          lateStorage = ctx.storage.set('a', 1);
          for (const refused of [late, lateStorage]) refused.catch(() => undefined);
        });
        ctx.onClose(() => void seen.push('closing'));
      },
    });
    const closing = await createTestHost({ plugins: [opening] });
    await closing.clock.pass(2_500);
    await closing.emit('message');
    await closing.close();
    expect(seen).toEqual(['tick', 'tick', 'message', 'closing', 'aborted']);
    await expect(late).rejects.toThrow("plugin 'opening' is closed");
    await expect(lateStorage).rejects.toThrow("plugin 'opening' is closed");
    await start();
  });

  it('is logged and hurts nobody when a timer of it throws', async () => {
    const throwing = definePlugin({
      name: 'throwing',
      setup: ({ setInterval }) =>
        void setInterval(() => {
          throw new Error('tick failed');
        }, 1_000),
    });
    await start(throwing);
    await host.clock.pass(2_000);
    expect(errors()).toEqual(Array(2).fill("a timer of plugin 'throwing' failed: tick failed"));
  });

  it('is its own: another plugin does not see its stored values', async () => {
    const read: unknown[] = [];
    const keeper = (name: string) =>
      definePlugin({
        name,
        setup: ({ storage, onReady }) =>
          onReady(async () => {
            read.push(await storage.get('who'));
            await storage.set('who', name);
          }),
      });
    await start(keeper('one'), keeper('two'));
    expect(read).toEqual([undefined, undefined]);
  });
});
