import {
  badRequest,
  type Clock,
  compile,
  demandRight,
  forbidden,
  maySee,
  type Principal,
  type RuntimeEvent,
  SessionName,
  Type,
  tooManyRequests,
} from 'waha-runtime';
import type { ObjectSchema, Tool } from './tools.ts';

const Input = Type.Object({
  session: SessionName,
  chatId: Type.Optional(Type.String({ maxLength: 200, description: 'Only of this chat' })),
  newerThan: Type.Optional(
    Type.Number({
      description:
        'Seconds since the epoch, such as the `timestamp` of what was sent: one that came meanwhile counts. Else only what comes from now on',
    }),
  ),
  timeoutSeconds: Type.Optional(Type.Number({ minimum: 1, maximum: 60, default: 30 })),
  _data: Type.Optional(Type.Boolean({ default: false, description: 'With the message as WhatsApp sent it' })),
});

/** How many messages are remembered: for who sends first and waits then. */
const remembered = 200;
/** How many calls may wait at a time. */
const maxWaiting = 1_000;
/** And how many of one key that is no admin's: nobody with such a key keeps the others from waiting. */
const maxOfOne = 100;

type Incoming = RuntimeEvent<'message'>;
interface Waiting {
  readonly caller: string;
  readonly fits: (event: Incoming) => boolean;
  readonly take: (event: Incoming) => void;
}

/** The tool by which an agent hears an answer: it waits for the next message of a chat. */
export class WaitForMessage implements Tool {
  readonly info: Tool['info'] = {
    name: 'wait-for-message',
    description:
      'Wait for the next message that somebody writes to a session. Gives null when none comes in time. (Chats)',
    inputSchema: Input as unknown as ObjectSchema,
    annotations: {
      title: 'Wait for a message',
      readOnlyHint: true,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: true,
    },
  };
  readonly #clock: Clock;
  readonly #recent: Incoming[] = [];
  readonly #waiting = new Set<Waiting>();
  /** Compiled by the first call. */
  #check: ReturnType<typeof compile<typeof Input>> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  readonly accepts = ({ event }: RuntimeEvent): boolean => event === 'message';

  /** Hears every message. */
  readonly hear = (event: RuntimeEvent): void => {
    if (event.event !== 'message') return;
    this.#recent.push(event);
    if (this.#recent.length > remembered) this.#recent.shift();
    for (const waiting of this.#waiting) if (waiting.fits(event)) waiting.take(event);
  };

  isFor: Tool['isFor'] = ({ rights, admin }) => admin || rights === '*' || rights.includes('read');

  call: Tool['call'] = async (principal, input, signal) => {
    this.#check ??= compile(Input, { unknown: 'ignore' });
    const checked = this.#check(input);
    if (!checked.ok) throw badRequest(...checked.violations.map(({ message }) => message));
    const { session, chatId, newerThan, timeoutSeconds = 30 } = checked.value;
    demandRight(principal, 'read');
    if (!maySee(principal, session)) throw forbidden(`this key is not for session '${session}'`);
    this.#checkRoom(principal);
    const fits = ({ session: of, payload }: Incoming): boolean =>
      of === session && !payload.fromMe && (chatId === undefined || chatsOf(payload).includes(chatId));
    const earlier =
      newerThan === undefined
        ? undefined
        : this.#recent.find((event) => fits(event) && event.payload.timestamp >= newerThan);
    const event = earlier ?? (await this.#next({ caller: principal.name, fits }, timeoutSeconds * 1000, signal));
    return { status: 200, json: { message: event?.payload ?? null } };
  };

  #checkRoom({ name, admin }: Principal): void {
    const own = admin ? 0 : [...this.#waiting].filter(({ caller }) => caller === name).length;
    const most = own >= maxOfOne ? maxOfOne : maxWaiting;
    if (this.#waiting.size >= maxWaiting || own >= maxOfOne)
      throw tooManyRequests(`${most} calls wait for messages already`, 30);
  }

  #next(asked: Omit<Waiting, 'take'>, patience: number, signal: AbortSignal): Promise<Incoming | null> {
    return new Promise((resolve) => {
      const end = (event: Incoming | null): void => {
        this.#waiting.delete(waiting);
        this.#clock.clearTimeout(timer);
        signal.removeEventListener('abort', leave);
        resolve(event);
      };
      const leave = (): void => end(null);
      const waiting: Waiting = { ...asked, take: end };
      const timer = this.#clock.setTimeout(leave, patience);
      signal.addEventListener('abort', leave);
      this.#waiting.add(waiting);
    });
  }
}

/** A person may be named by number or by hidden id. */
const chatsOf = (payload: Incoming['payload']): (string | null | undefined)[] => [
  payload.from,
  (payload as { readonly fromAlt?: string | null }).fromAlt,
];
