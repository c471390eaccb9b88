import { definePlugin, Points, Tokens } from 'waha-runtime';
import { PacingConfig } from './config.ts';
import { KnownChats } from './known-chats.ts';
import { Pacer } from './pacer.ts';

/** How often known chats are kept (ms). */
const SAVE_MS = 60_000;

/** Lets each session write no faster than a pace, and slower to those who never wrote or were written to. */
export default definePlugin({
  name: 'pacing',
  description: 'A pace for what sessions send, slower for new chats',
  config: PacingConfig,
  needs: { sessions: Tokens.Sessions, clock: Tokens.Clock },
  setup({ name, services, log, storage, configFor, on, setInterval, contribute, onReady, onClose }) {
    const { sessions, clock } = services;
    const known = new KnownChats(storage);
    const pacer = new Pacer({ name, clock, log, known, configFor });
    const exists = (session: string) => sessions.has(session);
    contribute(Points.ClientPolicy, pacer);
    contribute(Points.Metrics, pacer);
    on('message.any', ({ session, payload }) => {
      for (const chat of [payload.from, payload.fromAlt, payload.fromMe ? payload.to : null]) {
        if (chat) pacer.hear(session, chat);
      }
    });
    onReady(() => known.load());
    setInterval(() => {
      pacer.forget(exists);
      return known.save(exists);
    }, SAVE_MS);
    onClose(() => {
      pacer.close();
      return known.save(exists);
    });
  },
});
