import { appType, definePlugin, Points, Tokens, Type } from 'waha-runtime';

const AutoReplyConfig = Type.Object({
  answers: Type.Record(Type.String(), Type.String({ minLength: 1 }), {
    description: 'What is answered to a word, whatever its case',
    examples: [{ hours: 'We are open from 9 to 18.' }],
  }),
});

/**
 * Brings apps of the type `auto-reply`: `POST /api/apps {"session": "shop", "app": "auto-reply", "config": {"answers": {…}}}`.
 * How often each word was asked for is learned, and forgotten with the app.
 */
export default definePlugin({
  name: 'auto-reply-app',
  description: 'Apps that answer to words',
  needs: { sessions: Tokens.Sessions },
  setup({ contribute, storage, services: { sessions } }) {
    const forget = async ({ id }: { readonly id: string }) => storage.remove(id);
    const type = appType({
      type: 'auto-reply',
      description: 'Answers to words',
      config: AutoReplyConfig,
      async start({ id, session, config, on }) {
        const answers = new Map(Object.entries(config.answers).map(([word, answer]) => [word.toLowerCase(), answer]));
        const asked: Record<string, number> = { ...(await storage.get<Record<string, number>>(id)) };
        on('message', async ({ payload }) => {
          const word = payload.body?.trim().toLowerCase() ?? '';
          const text = payload.fromMe ? undefined : answers.get(word);
          if (text === undefined) return;
          asked[word] = (asked[word] ?? 0) + 1;
          await storage.set(id, asked);
          const { messages } = await sessions.client(session);
          await messages.sendText({ chatId: payload.from, text, replyTo: payload.id });
        });
        return undefined;
      },
      purge: forget,
      remove: forget,
    });
    contribute(Points.App, type);
  },
});
