import { named, Type, type ValueOf } from './schema.ts';

const text = Type.Union([Type.String(), Type.Null()]);
const seconds = Type.Union([Type.Number(), Type.Null()], { description: 'Seconds since the epoch' });

/** What WhatsApp does not let an account do for a while: write to people whom it has no chat with (error 463). */
export interface Restriction {
  /** When it ends (ms since the epoch); null when WhatsApp did not say. */
  readonly timeEnforcementEnds: number | null;
  /** WhatsApp's own word for it. */
  readonly enforcementType: string | null;
}

/** The restriction in WAHA's form. */
export const ReachoutTimelock = named(
  'ReachoutTimelock',
  Type.Object(
    {
      isActive: Type.Boolean(),
      timeEnforcementEnds: Type.Union([Type.Number(), Type.Null()], {
        description: 'When it ends (seconds since the epoch); null when there is none, or WhatsApp did not say',
      }),
      enforcementType: Type.Union([Type.String(), Type.Null()], {
        description: "WhatsApp's own word for it",
        examples: ['WEB_COMPANION_ONLY'],
      }),
    },
    { description: 'Whether WhatsApp keeps the account from writing to new people for now (error 463)' },
  ),
);
export type ReachoutTimelock = ValueOf<typeof ReachoutTimelock>;

/** How many chats with new people WhatsApp lets the account begin in a cycle, in WAHA's form. */
export const MessageCapping = named(
  'MessageCapping',
  Type.Object(
    {
      cappingStatus: Type.Union([Type.String(), Type.Null()], {
        description: 'NONE, FIRST_WARNING, SECOND_WARNING, CAPPED, or a word that WhatsApp adds',
      }),
      totalQuota: Type.Number({ description: 'New chats in a cycle; -1 without a limit' }),
      usedQuota: Type.Number(),
      cycleStart: seconds,
      cycleEnd: seconds,
      mvStatus: Type.Optional(text),
      oteStatus: Type.Optional(text),
    },
    { description: 'The quota of new chats. When it is used up (error 475), it is so until the end of the cycle' },
  ),
);
export type MessageCapping = ValueOf<typeof MessageCapping>;

/** What WhatsApp lets the account do. Both ask WhatsApp; `UNAVAILABLE` without an answer. */
export interface AccountLimits {
  timelock(): Promise<ReachoutTimelock>;
  capping(): Promise<MessageCapping>;
}

/** A restriction as the outside sees it; null is none. */
export const timelockOf = (restriction: Restriction | null): ReachoutTimelock => ({
  isActive: restriction !== null,
  timeEnforcementEnds:
    restriction?.timeEnforcementEnds == null ? null : Math.ceil(restriction.timeEnforcementEnds / 1000),
  enforcementType: restriction?.enforcementType ?? null,
});
