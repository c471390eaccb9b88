import {
  type Clock,
  configInvalid,
  definePlugin,
  type EventLog,
  Points,
  type SessionData,
  type SessionRule,
  type Sessions,
  Tokens,
} from 'waha-runtime';
import { PacingConfig, type Policy, policyFaults, policyOf } from './config.ts';
import { Holds, pacingSessions } from './holds.ts';
import { KnownChats } from './known-chats.ts';
import { Pacer } from './pacer.ts';
import { queueGroup } from './queue/routes.ts';
import { type QueueOptions, StoredSendQueue } from './queue/send-queue.ts';
import { sendRows } from './queue/send-rows.ts';

/** How often known chats are kept (ms). */
const SAVE_MS = 60_000;

/**
 * Lets each session write no faster than a pace, and slower to those who never wrote or were written to; within caps, quiet hours and
 * WhatsApp's limits, where a session has such policies; and keeps sends that wait for their time.
 */
export default definePlugin({
  name: 'pacing',
  description: 'Limits how fast sessions send: paces, caps, quiet hours, and a queue of messages that wait',
  config: PacingConfig,
  needs: { sessions: Tokens.Sessions, clock: Tokens.Clock, eventLog: Tokens.EventLog },
  provides: [Tokens.SendQueue],
  async setup(context) {
    const { name, config, services, log, signal, storage, configFor, on, provide, contribute } = context;
    const { sessions, clock } = services;
    const faults = policyFaults(config);
    if (faults.length > 0) throw configInvalid(...faults);
    const known = new KnownChats(storage);
    const policy = (session: string): Policy =>
      policyOf(configFor(session), sessions.has(session) ? sessions.get(session).config.pacing : null);
    const holds = await holdsOf(services, policy);
    const wasWrittenTo = (session: string, chat: string) => hasMessages(sessions, session, chat);
    const pacer = new Pacer({ name, clock, log, known, holds, configFor, policyOf: policy, wasWrittenTo });
    const queue = await queueOf(services, {
      ...{ holds, sessions, clock, log, signal, maxQueued: config.maxQueued },
      keepsHeld: (session) => policy(session).whenHeld === 'queue',
    });
    provide(Tokens.SendQueue, queue);
    contribute(Points.ClientPolicy, pacer);
    for (const source of [pacer, queue]) contribute(Points.Metrics, source);
    contribute(Points.Routes, queueGroup({ queue, holds, sessions }));
    contribute(Points.SessionData, dataOf(name, { queue, holds, known }));
    contribute(Points.SessionRule, ruleOf(context, queue));
    on('message.any', ({ session, payload }) => {
      for (const chat of [payload.from, payload.fromAlt, payload.fromMe ? payload.to : null])
        if (chat) pacer.hear(session, chat);
    });
    on('session.status', () => queue.wake());
    context.onReady(() => Promise.all([known.load(), holds.load()]).then(() => undefined));
    // The YAML may say something else than it did.
    context.onOpen(() => queue.recheck());
    context.setInterval(() => {
      pacer.forget((session) => sessions.has(session));
      return known.save();
    }, SAVE_MS);
    context.onClose(async () => {
      await queue.close();
      pacer.close();
      await known.save();
    });
  },
});

interface Services {
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly eventLog: EventLog;
}

const holdsOf = async ({ sessions, clock, eventLog }: Services, policy: (session: string) => Policy): Promise<Holds> =>
  new Holds({ rows: await eventLog.database.open(pacingSessions), sessions, clock, policyOf: policy });

const queueOf = async (
  { eventLog: { database } }: Services,
  options: Omit<QueueOptions, 'rows' | 'batch'>,
): Promise<StoredSendQueue> =>
  new StoredSendQueue({
    ...options,
    rows: await database.open(sendRows),
    batch: (changes) => database.batch(changes),
  });

/** Whether the session's store has a message of this chat; false without a store. */
const hasMessages = async (sessions: Sessions, session: string, chatId: string): Promise<boolean> => {
  if (!sessions.has(session) || sessions.get(session).config.noweb?.store?.enabled !== true) return false;
  try {
    const { messageReading } = await sessions.client(session);
    return ((await messageReading?.list(chatId, { limit: 1 })) ?? []).length > 0;
  } catch {
    // The send itself says what is wrong with the session, or with the id.
    return false;
  }
};

interface Kept {
  readonly queue: StoredSendQueue;
  readonly holds: Holds;
  readonly known: KnownChats;
}

/** Nothing of a deleted session stays; one that moves to another process is read anew there. */
const dataOf = (name: string, { queue, holds, known }: Kept): SessionData => ({
  name,
  async remove(session) {
    await Promise.all([queue.empty(session), holds.remove(session), known.remove(session)]);
  },
  async taken(session) {
    await Promise.all([known.take(session), holds.take(session)]);
    queue.wake();
  },
  async released(session) {
    holds.release(session);
    await known.release(session);
  },
});

const ruleOf = (
  {
    name,
    includes,
    configFor,
  }: { name: string; includes(session: string): boolean; configFor(session: string): PacingConfig },
  queue: StoredSendQueue,
): SessionRule => ({
  part: 'pacing',
  faults(session, { pacing }) {
    if (!pacing) return [];
    if (!includes(session)) return [`pacing: the plugin '${name}' does not work for session '${session}'`];
    const cap = pacing.newChatsPerDay ?? configFor(session).newChatsPerDay;
    const { warmUp } = pacing;
    return policyFaults({ ...(warmUp ? { warmUp } : {}), ...(cap === undefined ? {} : { newChatsPerDay: cap }) }).map(
      (fault) => `pacing.${fault}`,
    );
  },
  changed: (session) => queue.recheck(session),
});
