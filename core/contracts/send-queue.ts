import { named, Type, type ValueOf } from './schema.ts';

const clockTime = Type.String({
  pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
  'x-rule': 'a time like 08:30',
  examples: ['21:00'],
});

/** What of this is misspelled would be a policy that nobody keeps to: other keys are refused. */
const closed = { additionalProperties: false };

/** How fast messages go out. */
export const Pace = named(
  'Pace',
  Type.Object(
    {
      perMinute: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 100_000 })),
      burst: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000, description: 'so many at once after a rest' })),
    },
    closed,
  ),
);
export type Pace = ValueOf<typeof Pace>;

/** Policies on what a session sends, which protect its account. Every one is off unless it is given. */
export const SessionPacing = named(
  'SessionPacingConfig',
  Type.Object(
    {
      known: Type.Optional(Pace),
      new: Type.Optional(Pace),
      newChatsPerDay: Type.Optional(
        Type.Integer({ minimum: 0, maximum: 100_000, description: 'Chats with new people that may begin in a day' }),
      ),
      warmUp: Type.Optional(
        Type.Object(
          {
            days: Type.Integer({ minimum: 1, maximum: 365 }),
            from: Type.Integer({ minimum: 0, maximum: 100_000, description: 'New chats on the first day' }),
          },
          { ...closed, description: 'The cap grows day by day from `from` to `newChatsPerDay`' },
        ),
      ),
      quietHours: Type.Optional(
        Type.Object(
          {
            from: clockTime,
            to: clockTime,
            chats: Type.Optional(
              Type.Enum(['all', 'new'], {
                type: 'string',
                description: '`new` lets answers to known chats through; all when absent',
              }),
            ),
          },
          closed,
        ),
      ),
      timeZone: Type.Optional(
        Type.String({
          maxLength: 60,
          format: 'time-zone',
          'x-rule': 'the name of a time zone, like Europe/Berlin',
          description: 'Of days and quiet hours; UTC when absent',
          examples: ['Europe/Berlin'],
        }),
      ),
      heedLimits: Type.Optional(
        Type.Boolean({
          description: 'While WhatsApp limits the account (463, 475) nothing is sent to new people',
        }),
      ),
      whenHeld: Type.Optional(
        Type.Enum(['refuse', 'queue'], {
          type: 'string',
          description:
            'What becomes of a message that may not go out now: 429 (when absent), or it waits in the queue (202)',
        }),
      ),
    },
    { ...closed, description: 'Of the plugin `pacing`' },
  ),
);
export type SessionPacing = ValueOf<typeof SessionPacing>;

/** A send that waits. */
export const QueuedSend = named(
  'QueuedSend',
  Type.Object({
    id: Type.String({ examples: ['queued_5f2b8c'] }),
    session: Type.String(),
    operation: Type.String({ examples: ['POST /api/sendText'] }),
    chatId: Type.Union([Type.String(), Type.Null()]),
    sendAt: Type.Number({ description: 'When it is tried next (ms since the epoch)' }),
    createdAt: Type.Number({ description: 'ms since the epoch' }),
    status: Type.Enum(['waiting', 'sending', 'failed'], { type: 'string' }),
    attempts: Type.Integer(),
    reason: Type.Union([Type.String(), Type.Null()], { description: 'Why it waits, or why it failed' }),
    body: Type.Unknown({ description: 'What is sent' }),
  }),
);
export type QueuedSend = ValueOf<typeof QueuedSend>;

/** A send to put into the queue. */
export interface NewSend {
  readonly session: string;
  /** As it was handed to `handle`. */
  readonly operation: string;
  readonly body: object;
  /** ms since the epoch. */
  readonly sendAt: number;
  readonly reason?: string;
  /** A repeated request with the same key is one entry. */
  readonly key?: string | undefined;
}

/** A send whose time has come. */
export interface DueSend {
  readonly session: string;
  /** As it was put in. */
  readonly body: object;
  /** For the check that it is done once. */
  readonly key: string;
  readonly signal: AbortSignal;
}

/** Sends that wait for their time, over restarts. */
export interface SendQueue {
  /** Says how an operation is done. Called once each, while plugins are set up. */
  handle(operation: string, run: (due: DueSend) => Promise<unknown>): void;
  /** Resolves when it is durable. `TOO_MANY_REQUESTS` when the queue is full, `PAYLOAD_TOO_LARGE` for a body that is too large. */
  add(send: NewSend): Promise<QueuedSend>;
  /** Whether what the session's policies hold goes into the queue, rather than being refused. */
  keepsHeld(session: string): boolean;
}
