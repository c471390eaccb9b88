import { definePlugin, Tokens, Type } from 'waha-runtime';

export default definePlugin({
  name: 'greeter',
  config: Type.Object({ text: Type.String({ default: 'Welcome!' }) }),
  needs: { sessions: Tokens.Sessions },
  setup({ on, configFor, services: { sessions } }) {
    on('message', async ({ session, payload }) => {
      if (payload.body !== 'hello') return;
      const { messages } = await sessions.client(session);
      await messages.sendText({ chatId: payload.from, text: configFor(session).text });
    });
  },
});
