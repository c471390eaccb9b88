import { expect, it } from 'vitest';
import { definePlugin, Tokens } from 'waha-runtime';
import { createTestHost } from 'waha-runtime/testing';
import { SharedAsyncLocalStorage } from '../../plugins/baileys/libsignal/shared-context.ts';

const echo = definePlugin({
  name: 'echo',
  needs: { sessions: Tokens.Sessions },
  setup({ on, services: { sessions } }) {
    on('message', async ({ session, payload }) => {
      const { messages } = await sessions.client(session);
      await messages.sendText({ chatId: payload.from, text: payload.body ?? '' });
    });
  },
});

// What a listener does began inside the transaction that decrypted the message, and outlives it.
it('a plugin answers from its listener, also while a transaction of another session is under way', async () => {
  let end = (): void => undefined;
  const others = new SharedAsyncLocalStorage<string>().run(
    'a transaction',
    () =>
      new Promise<void>((resolve) => {
        end = resolve;
      }),
  );
  const host = await createTestHost({ plugins: [echo], world: 'sandbox' });
  try {
    await host.request('POST', '/api/sandbox/contacts', { body: { number: '5511988887777' } });
    const path = '/api/sandbox/contacts/5511988887777/messages';
    for (const text of ['ping', 'ping again'])
      await host.request('POST', path, { body: { to: '5511999990001', text } });
    const texts = async () => ((await host.request('GET', path)).body as { text: string }[]).map(({ text }) => text);
    await expect.poll(texts).toEqual(['ping', 'ping again']);
  } finally {
    end();
    await others;
    await host.close();
  }
});
