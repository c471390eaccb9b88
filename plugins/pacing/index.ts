import { definePlugin, Points, type SessionPacing, Tokens } from 'waha-runtime';
import { PacingConfig } from './config.ts';
import { Holds, pacingSessions } from './holds.ts';
import { KnownChats } from './known-chats.ts';
import { Pacer } from './pacer.ts';
import { queueGroup } from './queue/routes.ts';
import { StoredSendQueue } from './queue/send-queue.ts';
import { sendRows } from './queue/send-rows.ts';

/** How often known chats are kept (ms). */
const SAVE_MS = 60_000;

/**
 * Lets each session write no faster than a pace, and slower to those who never wrote or were written to; within caps, quiet hours and
 * WhatsApp's limits, where a session has such policies; and keeps sends that wait for their time.
 */
export default definePlugin({
  name: 'pacing',
  description: 'A pace for what sessions send, caps, quiet hours, and a queue of sends that wait',
  config: PacingConfig,
  needs: { sessions: Tokens.Sessions, clock: Tokens.Clock, eventLog: Tokens.EventLog },
  provides: [Tokens.SendQueue],
  async setup(context) {
    const { name, config, services, log, signal, storage, configFor, on, provide, setInterval, contribute } = context;
    const { sessions, clock, eventLog } = services;
    const { database } = eventLog;
    const known = new KnownChats(storage);
    const policyOf = (session: string): SessionPacing => ({
      ...configFor(session),
      ...(sessions.has(session) ? sessions.get(session).config.pacing : {}),
    });
    const holds = new Holds({ rows: await database.open(pacingSessions), sessions, clock, policyOf });
    const pacer = new Pacer({ name, clock, log, known, holds, configFor });
    const queue = new StoredSendQueue({
      ...{ rows: await database.open(sendRows), holds, sessions, clock, log, signal, maxQueued: config.maxQueued },
      keepsHeld: (session) => policyOf(session).whenHeld === 'queue',
    });
    const exists = (session: string) => sessions.has(session);
    provide(Tokens.SendQueue, queue);
    contribute(Points.ClientPolicy, pacer);
    for (const source of [pacer, queue]) contribute(Points.Metrics, source);
    contribute(Points.Routes, queueGroup({ queue, holds, sessions }));
    contribute(Points.SessionData, { name, remove: (session) => forget(session, queue, holds) });
    on('message.any', ({ session, payload }) => {
      for (const chat of [payload.from, payload.fromAlt, payload.fromMe ? payload.to : null])
        if (chat) pacer.hear(session, chat);
    });
    on('session.status', () => queue.wake());
    context.onReady(() => Promise.all([known.load(), holds.load()]).then(() => undefined));
    context.onOpen(() => queue.wake());
    setInterval(() => {
      pacer.forget(exists);
      return known.save(exists);
    }, SAVE_MS);
    context.onClose(async () => {
      await queue.close();
      pacer.close();
      await known.save(exists);
    });
  },
});

/** Nothing of a deleted session stays. */
const forget = async (session: string, queue: StoredSendQueue, holds: Holds): Promise<void> => {
  await Promise.all([queue.empty(session), holds.remove(session)]);
};
