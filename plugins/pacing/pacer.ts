import {
  type Client,
  type ClientCall,
  type ClientPolicy,
  type Clock,
  type Log,
  RuntimeError,
  type Sample,
  tooManyRequests,
  unavailable,
} from 'waha-runtime';
import { Bucket } from './bucket.ts';
import { isOff, type PacingConfig, type Policy } from './config.ts';
import type { HoldReason, Holds } from './holds.ts';
import type { KnownChats } from './known-chats.ts';

export interface PacerOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly known: KnownChats;
  readonly holds: Holds;
  configFor(session: string): PacingConfig;
  policyOf(session: string): Policy;
  /** Whether the session's store has messages of this chat. */
  wasWrittenTo(session: string, chatId: string): Promise<boolean>;
}

type Kind = 'known' | 'new';
type Outcome = 'passed' | 'waited' | 'refused';

interface SessionPace {
  readonly known: Bucket;
  readonly new: Bucket;
  waiting: number;
}

/** Which calls of a capability send a message of their own. */
type Paced = { readonly [C in Exclude<keyof Client, 'me'>]: 'all' | readonly (keyof NonNullable<Client[C]>)[] };

/** Reactions, edits, marks and the like are not paced. A capability that is missing here does not compile. */
const paced = {
  messages: ['sendText'],
  attachments: 'all',
  contents: 'all',
  changes: ['forward'],
  messageIds: [],
  numbers: [],
  presence: [],
  presences: [],
  profile: [],
  pictures: [],
  addressBook: [],
  chatStates: [],
  calls: [],
  groups: [],
  chatReading: [],
  messageReading: [],
  contactReading: [],
  lids: [],
  labels: [],
  status: [],
  newsletters: [],
  limits: [],
} as const satisfies Paced;

const isPaced = (method: string): boolean => {
  const [capability, name] = method.split('.') as [keyof typeof paced, string];
  const calls: 'all' | readonly string[] = paced[capability];
  return calls === 'all' || calls.includes(name);
};

/** Lets messages of each session through at a pace: at once, after a wait, or not at all. */
export class Pacer implements ClientPolicy {
  readonly name: string;
  readonly #options: PacerOptions;
  readonly #sessions = new Map<string, SessionPace>();
  readonly #counts: Record<Kind, Record<Outcome, number>> = {
    known: { passed: 0, waited: 0, refused: 0 },
    new: { passed: 0, waited: 0, refused: 0 },
  };

  readonly #held: Record<HoldReason, number> = {
    quiet_hours: 0,
    new_chats_per_day: 0,
    reachout_timelock: 0,
    message_capping: 0,
  };
  readonly #waits = new Set<() => void>();

  constructor(options: PacerOptions) {
    this.name = options.name;
    this.#options = options;
  }

  async send(call: ClientCall, next: (call: ClientCall) => Promise<unknown>): Promise<unknown> {
    const { session } = call;
    if (!isPaced(call.method) || isOff(this.#options.policyOf(session))) return next(call);
    const chat = chatIn(call);
    const kind = await this.#kindOf(session, chat);
    this.#refuseHeld(session, kind);
    await this.#turn(session, kind);
    // It waited: others may have used up the day meanwhile.
    this.#refuseHeld(session, kind);
    if (kind === 'known') return this.#sent(call, next, chat);
    const uncount = this.#options.holds.count(session);
    try {
      const answer = await this.#sent(call, next, chat);
      await this.#options.holds.keep(session);
      return answer;
    } catch (error) {
      await uncount();
      throw error;
    }
  }

  /** Chats of the time before the session had a policy are known by its store. */
  async #kindOf(session: string, chat: string): Promise<Kind> {
    if (isGroup(chat) || this.#options.known.has(session, chat)) return 'known';
    if (!(await this.#options.wasWrittenTo(session, chat))) return 'new';
    this.hear(session, chat);
    return 'known';
  }

  async #sent(call: ClientCall, next: (call: ClientCall) => Promise<unknown>, chat: string): Promise<unknown> {
    const answer = await next(call);
    this.hear(call.session, chat);
    return answer;
  }

  /** Throws when a policy holds it. */
  #refuseHeld(session: string, kind: Kind): void {
    const { holds, clock } = this.#options;
    const hold = holds.of(session, kind);
    if (!hold) return;
    this.#held[hold.reason] += 1;
    const seconds = Math.max(1, Math.ceil((hold.until - clock.now()) / 1000));
    throw new RuntimeError(
      'TOO_MANY_REQUESTS',
      `session '${session}' may not write to ${kind} chats until ${new Date(hold.until).toISOString()} (${hold.reason})`,
      { retryAfterSeconds: seconds, body: { reason: hold.reason, until: hold.until } },
    );
  }

  /** Somebody wrote, or was written to. */
  hear(session: string, chatId: string): void {
    const chat = plain(chatId);
    if (chat === '' || isGroup(chat) || isOff(this.#options.policyOf(session))) return;
    this.#options.known.add(session, chat, this.#options.configFor(session).maxKnown);
  }

  /** Ends what waits: it is not sent. */
  close(): void {
    for (const giveUp of [...this.#waits]) giveUp();
  }

  /** Forgets the pace of sessions that are gone. */
  forget(exists: (session: string) => boolean): void {
    for (const [session, { waiting }] of this.#sessions) {
      if (waiting === 0 && !exists(session)) this.#sessions.delete(session);
    }
  }

  collect(): Sample[] {
    const help = 'Messages by whether they went out at once, waited for their turn or were refused';
    const counts = Object.entries(this.#counts).flatMap(([chats, outcomes]) =>
      Object.entries(outcomes).map(
        ([outcome, value]): Sample => ({
          name: 'waha_paced_messages_total',
          help,
          type: 'counter',
          labels: { chats, outcome },
          value,
        }),
      ),
    );
    const waiting = [...this.#sessions.values()].reduce((sum, pace) => sum + pace.waiting, 0);
    const gauge = {
      name: 'waha_paced_messages_waiting',
      help: 'Messages that wait for their turn',
      type: 'gauge',
    } as const;
    const held = Object.entries(this.#held).map(
      ([reason, value]): Sample => ({
        ...{ name: 'waha_held_messages_total', help: 'Messages that a policy held', type: 'counter' },
        ...{ labels: { reason }, value },
      }),
    );
    return [...counts, ...held, { ...gauge, value: waiting }];
  }

  async #turn(session: string, kind: Kind): Promise<void> {
    const { clock, configFor, policyOf } = this.#options;
    const config = configFor(session);
    const wanted = policyOf(session)[kind];
    if (!wanted) return;
    const pace = this.#paceOf(session);
    const isFull = pace.waiting >= config.maxWaiting;
    const { taken, wait } = pace[kind].take(clock.now(), wanted, isFull ? 0 : config.maxWaitMs);
    if (!taken) throw this.#refused(session, kind, wait);
    if (wait === 0) {
      this.#counts[kind].passed += 1;
      return;
    }
    this.#counts[kind].waited += 1;
    pace.waiting += 1;
    await this.#pass(wait).finally(() => {
      pace.waiting -= 1;
    });
  }

  #pass(milliseconds: number): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clock.clearTimeout(timer);
        this.#waits.delete(giveUp);
        settle();
      };
      const giveUp = () => end(() => reject(unavailable('the server closes; the message was not sent')));
      const timer = clock.setTimeout(() => end(resolve), milliseconds);
      this.#waits.add(giveUp);
    });
  }

  #refused(session: string, kind: Kind, wait: number): Error {
    this.#counts[kind].refused += 1;
    const seconds = Math.max(1, Math.ceil(wait / 1000));
    this.#options.log.debug({ session, chats: kind, seconds }, 'a message is refused: the pace is reached');
    return tooManyRequests(`session '${session}' sends too fast to ${kind} chats; try again in ${seconds} s`, seconds);
  }

  #paceOf(session: string): SessionPace {
    const pace = this.#sessions.get(session) ?? { known: new Bucket(), new: new Bucket(), waiting: 0 };
    this.#sessions.set(session, pace);
    return pace;
  }
}

/** The chat of a call in one form, so that a number and its ids are the same chat. */
const chatIn = ({ args }: ClientCall): string => {
  const [request] = args as readonly [unknown];
  const chatId = typeof request === 'object' && request !== null && 'chatId' in request ? request.chatId : '';
  return typeof chatId === 'string' ? plain(chatId) : '';
};

const plain = (chatId: string): string => {
  const [user = '', server = 'c.us'] = chatId.trim().split('@');
  return `${user.split(':')[0]?.replace(/[+\s()-]/g, '')}@${server === 's.whatsapp.net' ? 'c.us' : server}`;
};

const isGroup = (chat: string): boolean => /@(g\.us|newsletter|broadcast)$/.test(chat);
