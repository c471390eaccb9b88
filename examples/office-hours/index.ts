import { definePlugin, type PluginStorage, Tokens, Type } from 'waha-runtime';
import { isOpen } from './opening-hours.ts';

const hour = (value: number) => Type.Integer({ minimum: 0, maximum: 24, default: value });

/** Answers outside office hours, once a night to each chat. Its YAML says for which sessions. */
export default definePlugin({
  name: 'office-hours',
  description: 'Answers outside office hours',
  config: Type.Object({
    timeZone: Type.String({ default: 'UTC', description: 'An IANA name, such as America/Sao_Paulo' }),
    opens: hour(9),
    closes: hour(18),
    text: Type.String({ default: 'We are closed. We answer tomorrow.' }),
    quietHours: Type.Number({ default: 12, description: 'How long a chat gets no second answer' }),
  }),
  needs: { sessions: Tokens.Sessions, clock: Tokens.Clock },
  setup({ on, configFor, storage, services: { sessions, clock } }) {
    on('message', async ({ session, payload }) => {
      const { text, quietHours, ...hours } = configFor(session);
      if (payload.fromMe || isOpen(new Date(clock.now()), hours)) return;
      if (!(await takeTurn(storage, `${session} ${payload.from}`, clock.now(), quietHours * 3_600_000))) return;
      const { messages } = await sessions.client(session);
      await messages.sendText({ chatId: payload.from, text });
    });
  },
});

/** True when a chat has had no answer for a while; then it counts as answered now. */
const takeTurn = async (storage: PluginStorage, chat: string, now: number, quiet: number): Promise<boolean> => {
  const last = await storage.get<number>(chat);
  if (last !== undefined && now - last < quiet) return false;
  await storage.set(chat, now);
  return true;
};
