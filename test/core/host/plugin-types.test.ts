import { expect, expectTypeOf, it } from 'vitest';
import {
  type ClientCall,
  definePlugin,
  type HttpServer,
  type RuntimeEvent,
  type Sessions,
  Tokens,
  Type,
  type WAMessage,
} from 'waha-runtime';
import type { MessageAckPayload, SendText } from 'waha-runtime/engine';
import { createTestHost } from 'waha-runtime/testing';

it('gives every part of the context its type, and events by their names', async () => {
  const heard: string[] = [];
  const typed = definePlugin({
    name: 'typed',
    config: Type.Object({ count: Type.Integer({ default: 1 }) }),
    needs: { sessions: Tokens.Sessions },
    wants: { server: Tokens.HttpServer },
    setup({ config, configFor, services, on }) {
      expectTypeOf(config).toEqualTypeOf<{ count: number }>();
      expectTypeOf(configFor('a')).toEqualTypeOf<{ count: number }>();
      expectTypeOf(services.sessions).toEqualTypeOf<Sessions>();
      expectTypeOf(services.server).toEqualTypeOf<HttpServer | undefined>();
      on('message', ({ payload }) => {
        expectTypeOf(payload).toEqualTypeOf<WAMessage>();
        heard.push('message');
      });
      on(['message', 'message.ack'], (event) => {
        if (event.event === 'message.ack') expectTypeOf(event.payload).toEqualTypeOf<MessageAckPayload>();
        heard.push(`list ${event.event}`);
      });
      on('*', (event) => {
        expectTypeOf(event).toEqualTypeOf<RuntimeEvent>();
        if (event.event !== 'session.status') heard.push(`any ${event.event}`);
      });
      // @ts-expect-error: there is no such event
      expect(() => on('mesage', () => undefined)).toThrow("did you mean 'message'?");
    },
  });
  const host = await createTestHost({ plugins: [typed] });
  for (const event of ['message', 'message.ack', 'presence.update', 'engine.event'] as const) await host.emit(event);
  await host.close();
  expect(heard).toEqual([
    'message',
    'list message',
    'any message',
    'list message.ack',
    'any message.ack',
    'any presence.update',
  ]);
});

it('narrows the arguments of a call by its method', () => {
  const look = (call: ClientCall): string => {
    if (call.method !== 'messages.sendText') return '';
    expectTypeOf(call.args).toEqualTypeOf<readonly [message: SendText]>();
    return call.args[0].text;
  };
  expect(look({ session: 'a', method: 'messages.sendText', args: [{ chatId: '1', text: 'x' }] })).toBe('x');
});
