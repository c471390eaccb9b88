import { definePlugin, Tokens, Type } from 'waha-runtime';

/** Sends every message back. */
export default definePlugin({
  name: 'echo-bot',
  config: Type.Object({ prefix: Type.String({ default: '' }) }),
  needs: { sessions: Tokens.Sessions },
  setup({ on, config, services: { sessions } }) {
    on('message', async ({ session, payload }) => {
      const { messages } = await sessions.client(session);
      await messages.sendText({ chatId: payload.from, text: config.prefix + payload.body });
    });
  },
});
