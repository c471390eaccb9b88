import { type AppContext, followLog, type LogFollower, type LoggedEvent, type RuntimeEvent } from 'waha-runtime';
import type { ChatwootConfig } from './config.ts';
import { Commands } from './inward/commands.ts';
import { FileSender } from './inward/file-sender.ts';
import { Sending } from './inward/sending.ts';
import type { Progress, Task } from './inward/task.ts';
import { TaskLane } from './inward/task-queue.ts';
import { taskOf, type WebhookBody } from './inward/webhook-body.ts';
import { Outward, outwardEvents } from './outward/outward.ts';
import { Parties } from './outward/parties.ts';
import { PostOnce } from './outward/post-once.ts';
import { ChatwootServer } from './server/chatwoot-server.ts';
import { Contacts } from './server/contacts.ts';
import { Conversations } from './server/conversations.ts';
import { ServerRefused } from './server/failures.ts';
import type { Services } from './services.ts';
import { Texts } from './texts/texts.ts';

/** Everything from the look-up to the last byte of a file's upload has a limit of its own; this is for what forgets it (ms). */
const deliverLimit = 10 * 60_000;

/** Names the checkpoint in the event log, also where people read it: by the session, for the app's id opens its webhook. */
export const followerName = (session: string): string => `chatwoot ${session}`;

/** One app that runs: its way to Chatwoot, and the way back. */
export class ChatwootApp {
  readonly id: string;
  readonly session: string;
  readonly follower: LogFollower;
  readonly #services: Services;
  readonly #server: ChatwootServer;
  readonly #conversations: Conversations;
  readonly #sending: Sending;
  readonly #commands: Commands;
  readonly #lanes: Readonly<Record<'send' | 'command', TaskLane>>;

  constructor(app: AppContext<ChatwootConfig>, services: Services) {
    const { id, session, config, signal, log } = app;
    const { http, clock, random, eventLog, sessions, map, tasks, files, routes } = services;
    this.id = id;
    this.session = session;
    this.#services = services;
    this.#server = new ChatwootServer(http, config, signal);
    this.#conversations = new Conversations(this.#server, new Contacts(this.#server, config), config, clock);
    const texts = new Texts(config);
    const parties = new Parties(session, sessions, texts);
    const posts = new PostOnce({ app: id, server: this.#server, conversations: this.#conversations, map, clock });
    const shared = { app: id, session, config, sessions, map, texts, parties, posts };
    const outward = new Outward({ ...shared, server: this.#server, files, log });
    const follow = { name: followerName(session), sessions: [session], events: outwardEvents, deliverLimit };
    const deliver = (logged: LoggedEvent) => outward.deliver(logged);
    this.follower = followLog({ ...follow, eventLog, clock, random, log, deliver });
    this.#sending = new Sending({ ...shared, files: new FileSender(routes, signal) });
    this.#commands = new Commands({ ...shared, ...services, waiting: () => tasks.waiting(id) });
    const lane = (name: 'send' | 'command') =>
      new TaskLane({ app: id, lane: name, store: tasks, clock, log, perform: this.#perform, report: this.#report });
    this.#lanes = { send: lane('send'), command: lane('command') };
  }

  async start(): Promise<void> {
    await this.follower.start();
    this.wake();
  }

  async stop(): Promise<void> {
    await Promise.all([this.follower.close(), this.#lanes.send.close(), this.#lanes.command.close()]);
  }

  /** What waits is tried again: the session is connected, or there is something new. */
  wake(): void {
    this.#lanes.send.wake();
    this.#lanes.command.wake();
  }

  /** Takes a call of the webhook up; it is kept when this resolves. */
  async take(body: WebhookBody): Promise<void> {
    const { tasks, maxWaiting } = this.#services;
    const conversation = body.event?.startsWith('conversation_') ? body.id : null;
    if (typeof conversation === 'number') this.#conversations.forget(conversation);
    const wanted = taskOf(body);
    if (wanted && (await tasks.add(this.id, wanted.id, wanted.task, maxWaiting))) this.wake();
  }

  forgetConversations(): void {
    this.#conversations.clear();
  }

  heard({ event, payload }: RuntimeEvent): void {
    if (event === 'session.status' && payload.status === 'WORKING') this.wake();
  }

  #perform = async (task: Task, progress: Progress, note: (progress: Progress) => Promise<void>): Promise<void> => {
    if (task.kind === 'command') return this.#commands.run(task);
    if (task.kind === 'delete') return this.#sending.remove(task);
    if (task.kind === 'edit') return this.#sending.edit(task);
    const content = await this.#services.tasks.contentNow(this.id, task);
    if (content !== null) await this.#sending.send({ ...task, content }, progress, note);
  };

  #report = async ({ conversation, message }: Task, failure: string): Promise<void> => {
    try {
      await this.#server.setStatus(conversation, message, 'failed', failure);
    } catch (error) {
      if (!(error instanceof ServerRefused)) throw error;
    }
  };
}
